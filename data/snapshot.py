"""Reading the lake: tables at pinned versions, and the files a query reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from deltalake import DeltaTable

from data import queries
from data.home import is_url, storage_options
from data.tables import TABLES


class Snapshot:
    """The tables of one published state. Safe to share between threads; never changes."""

    def __init__(self, home: str, versions: Mapping[str, int], lake_id: str = "") -> None:
        self.home = home
        self.lake_id = lake_id
        self.versions = dict(versions)
        self._opened: dict[str, DeltaTable] = {}

    @property
    def id(self) -> str:
        """Equal for equal content: what caches are keyed on."""
        versions = ",".join(f"{name}={version}" for name, version in sorted(self.versions.items()))
        return f"{self.home} {self.lake_id} {versions}"

    def table(self, name: str) -> DeltaTable | None:
        """The table at its pinned version; ``None`` where this lake is older than the table."""
        if name not in self.versions:
            return None
        if name not in self._opened:
            self._opened[name] = open_table(self.home, name, self.versions[name])
        return self._opened[name]

    def source(self, name: str, prune: str = "") -> queries.Source:
        """What a query reads: the Parquet files of the pinned version that may hold matching rows.

        ``prune`` is a condition on columns, as Delta understands it; it skips files, not rows.
        """
        schema = TABLES[name].schema
        opened = self.table(name)
        if opened is None:
            return queries.Held(schema.empty_table())
        if is_url(self.home):
            return queries.Held(opened.to_pyarrow_dataset(file_pruning_predicate=prune or None))
        files = opened.file_uris(file_pruning_predicate=prune) if prune else opened.file_uris()
        # A space in the lake's place comes back as %20; names below it come as they lie on the disk, %2F and all.
        written = urlsplit(opened.table_uri).path
        paths = tuple(unquote(written) + file.removeprefix(written) for file in files)
        return queries.Files(paths) if paths else queries.Held(schema.empty_table())

    def partitions(self, name: str) -> list[tuple[tuple[str, ...], str]]:
        """Every file of the pinned version: its values of ``partition_by``, and its path below the table."""
        opened = self.table(name)
        if opened is None:
            return []
        files = pa.table(opened.get_add_actions(flatten=True))
        values = (files[f"partition.{column}"].to_pylist() for column in TABLES[name].partition_by)
        return list(zip(zip(*values, strict=True), files["path"].to_pylist(), strict=True))


class Newest(Snapshot):
    """Each table as it is when it is first asked for."""

    def __init__(self, home: str) -> None:
        super().__init__(home, {})

    def table(self, name: str) -> DeltaTable:
        if name not in self._opened:
            self._opened[name] = open_table(self.home, name)
        return self._opened[name]


def table_uri(home: str, name: str) -> str:
    return f"{home}/{name}" if is_url(home) else str(Path(home) / name)


def table_options(home: str) -> dict[str, str] | None:
    return storage_options() if is_url(home) else None


def open_table(home: str, name: str, version: int | None = None) -> DeltaTable:
    return DeltaTable(table_uri(home, name), version=version, storage_options=table_options(home))

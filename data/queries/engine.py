"""Running SQL over pinned tables: where the rows are, and one statement with its parameters."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

if TYPE_CHECKING:
    from data.lake import Snapshot

UTC = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Files:
    """Parquet files of one table version; partition values stand in their paths."""

    paths: tuple[str, ...]
    empty = False

    def bind(self, name: str, parameters: dict) -> str:
        parameters[name] = list(self.paths)
        return f"read_parquet(${name}, hive_partitioning=true, hive_types_autocast=false)"


@dataclass(frozen=True)
class Held:
    """Rows handed over as they are: an Arrow table, or what delta-rs reads from an object store."""

    data: pa.Table | ds.Dataset

    @property
    def empty(self) -> bool:
        """Whether it is known to hold nothing, without reading it."""
        return isinstance(self.data, pa.Table) and self.data.num_rows == 0

    def bind(self, name: str, parameters: dict) -> str:
        parameters[f"@{name}"] = self.data
        return f'"@{name}"'


Source = Files | Held

_opening = threading.Lock()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    return database


def cursor() -> duckdb.DuckDBPyConnection:
    """A connection of one's own to this process's in-memory database, with its own registered names.

    Opening a database takes 90 ms, a cursor 0.01; every rerun of a page is a new thread.
    """
    with _opening:
        return _database().cursor()


def run(sql: str, sources: Mapping[str, Source], parameters: Mapping[str, object] | None = None) -> pa.Table:
    """Run one statement. ``{name}`` in it stands for the source of that name."""
    mine = cursor()
    try:
        statement, used = _bound(mine, sql, sources, parameters)
        result = mine.sql(statement, params=used).to_arrow_table()
    finally:
        mine.close()
    return result.cast(_aware(result.schema))


def stream(
    sql: str, sources: Mapping[str, Source], parameters: Mapping[str, object] | None = None, *, rows: int
) -> Iterator[pa.RecordBatch]:
    """``run`` for a long result: it is handed over some ``rows`` at a time and never held whole, but for sorting."""
    mine = cursor()
    try:
        statement, used = _bound(mine, sql, sources, parameters)
        reader = mine.sql(statement, params=used).to_arrow_reader(rows)
        schema = _aware(reader.schema)
        for batch in reader:
            yield batch.cast(schema)
    finally:
        mine.close()


def _bound(
    mine: duckdb.DuckDBPyConnection, sql: str, sources: Mapping[str, Source], parameters: Mapping[str, object] | None
) -> tuple[str, dict[str, object]]:
    bound = dict(parameters or {})
    statement = sql.format(**{name: source.bind(name, bound) for name, source in sources.items()})
    for name in [name for name in bound if name.startswith("@")]:
        mine.register(name, bound.pop(name))
    return statement, {name: value for name, value in bound.items() if f"${name}" in statement}


def _aware(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(f.name, UTC if pa.types.is_timestamp(f.type) else f.type) for f in schema])


def frame(result: pa.Table) -> pd.DataFrame:
    return result.to_pandas()


def tables(snapshot: Snapshot, *names: str) -> dict[str, Source]:
    return {name: snapshot.source(name) for name in names}


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def listed(values: Sequence[str]) -> str:
    return ", ".join(quote(value) for value in values)

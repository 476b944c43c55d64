"""Keeping table versions beyond their retention, for as long as somebody may want to read them again.

A pin is a small file beside the tables, ``pin-<id>.json``: the version of every table and the files it consists of.
It stands by itself, as Delta's own log forgets versions after 30 days. ``Lake.compact`` deletes no file that a pin
names. The same versions are pinned once, whoever asks. Making a pin takes no lock: what was published at most
``RETENTION_HOURS`` ago is not deleted meanwhile.

    BadPin          a pin's file cannot be read
    VersionsGone    what is asked for is no longer held, or never was by this lake
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from data import queries
from data.snapshot import Snapshot, open_table
from data.store import BucketStore, Store, open_store
from data.tables import TABLES

START = "pin-"
MOST_ABOUT = 200


class BadPin(ValueError):
    pass


class VersionsGone(ValueError):
    pass


@dataclass(frozen=True)
class Pin:
    id: str
    made_at: str  # ISO 8601, UTC
    about: str  # what it was made for, in a person's words
    lake_id: str
    versions: Mapping[str, int]
    files: Mapping[str, Mapping[str, int]]  # by table: path below its folder -> bytes

    @property
    def size(self) -> int:
        return sum(sum(files.values()) for files in self.files.values())


class Pinned(Snapshot):
    """Tables at versions of which a pin knows the files."""

    def __init__(self, pin: Pin, home: str) -> None:
        super().__init__(home, pin.versions, pin.lake_id)
        self._files = pin.files

    def source(self, name: str, prune: str = "") -> queries.Source:
        files = [f"{name}/{path}" for path in self._files.get(name, ())]
        if not files:
            return queries.Held(TABLES[name].schema.empty_table())
        store = open_store(self.home)
        if isinstance(store, BucketStore):
            return queries.Held(store.dataset(files, TABLES[name].schema))
        return queries.Files(tuple(f"{self.home}/{file}" for file in files))

    def partitions(self, name: str) -> list[tuple[tuple[str, ...], str]]:
        return [
            (tuple(unquote(part.split("=", 1)[1]) for part in path.split("/")[:-1]), path)
            for path in self._files.get(name, ())
        ]


def keep(snapshot: Snapshot, about: str, now: datetime) -> Pin:
    """Pin what a snapshot reads; the pin there is where these versions are pinned already.

    Raises VersionsGone where a file of it is not there any more, OSError where the place cannot be written to.
    """
    store = open_store(snapshot.home)
    name = _name(snapshot.versions)
    if (content := store.read(name)) is not None:
        return _read(name, content)
    files = {table: _files(snapshot.table(table)) for table in sorted(snapshot.versions)}
    made = Pin(
        name.removeprefix(START).removesuffix(".json"),
        f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        about[:MOST_ABOUT],
        snapshot.lake_id,
        dict(sorted(snapshot.versions.items())),
        files,
    )
    store.replace(name, json.dumps({"format": 1, **made.__dict__}, indent=1).encode())
    try:
        _all_there(store, snapshot.versions, files)
    except VersionsGone:
        store.remove(name)
        raise
    return made


def pins(home: str) -> list[Pin]:
    """Every pin, oldest first. Raises BadPin."""
    store = open_store(home)
    found = [_read(name, content) for name in store.names(START) if (content := store.read(name)) is not None]
    return sorted(found, key=lambda pin: (pin.made_at, pin.id))


def drop(home: str, pin_id: str) -> None:
    """Release a pin; the next ``compact`` deletes what nothing else needs. Raises ValueError for an id there is not."""
    store = open_store(home)
    name = f"{START}{pin_id}.json"
    if name not in store.names(START):
        raise ValueError(f"There is no pin {pin_id}. `newstape pins` lists them.")
    store.remove(name)


def kept_alive(pin: Pin, newest: Snapshot) -> int:
    """Bytes of files that a pin names and the newest state does not."""
    needed = {table: set(_paths(newest.table(table))) for table in pin.files}
    return sum(size for table, files in pin.files.items() for path, size in files.items() if path not in needed[table])


def held(home: str) -> dict[str, set[str]]:
    """The files that pins name, by table, as ``Snapshot`` and vacuum write their paths. Raises BadPin."""
    named: dict[str, set[str]] = {}
    for pin in pins(home):
        for table, files in pin.files.items():
            named.setdefault(table, set()).update(files)
    return named


def vacuum(home: str, name: str, kept: set[str], retention_hours: int) -> None:
    """Delete a table's files that were replaced longer ago than the retention and that no pin names.

    Of files without any mention in the log, too: an old pin's, and what a killed writer left.
    """
    opened = open_table(home, name)
    if not kept:
        opened.vacuum(retention_hours=retention_hours, dry_run=False, full=True)
        return
    store = open_store(home)
    for path in opened.vacuum(retention_hours=retention_hours, dry_run=True, full=True):
        if path not in kept:
            store.remove(f"{name}/{path}")


def reopen(now: Snapshot, lake_id: str, versions: Mapping[str, int]) -> Snapshot:
    """These versions of the lake that ``now`` is the published state of.

    Raises VersionsGone where it is another lake, or does not hold one of them any more; the message names it.
    """
    if lake_id != now.lake_id:
        raise VersionsGone(
            f"It was made from another lake ({lake_id or 'without an id'}) than the one at {now.home} "
            f"({now.lake_id or 'without an id'})."
        )
    store = open_store(now.home)
    name = _name(versions)
    if (content := store.read(name)) is not None:
        pin = _read(name, content)
        _all_there(store, versions, pin.files)
        return Pinned(pin, now.home)
    files = {}
    for table, version in versions.items():
        try:
            files[table] = _files(open_table(now.home, table, version))
        except (DeltaError, OSError) as error:
            raise _gone(table, version) from error
    _all_there(store, versions, files)
    return Snapshot(now.home, versions, lake_id)


def _all_there(store: Store, versions: Mapping[str, int], files: Mapping[str, Mapping[str, int]]) -> None:
    for table, named in files.items():
        if None in store.sizes([f"{table}/{path}" for path in named]):
            raise _gone(table, versions[table])


def _gone(table: str, version: int) -> VersionsGone:
    return VersionsGone(
        f"The lake no longer holds version {version} of {table}: it was replaced more than seven days ago "
        "and no pin keeps it."
    )


def _name(versions: Mapping[str, int]) -> str:
    written = json.dumps(sorted(versions.items()))
    return f"{START}{hashlib.blake2b(written.encode(), digest_size=5).hexdigest()}.json"


def _read(name: str, content: bytes) -> Pin:
    try:
        told = json.loads(content)
        if told.pop("format") == 1:
            return Pin(**told)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise BadPin(
        f"{name} beside the tables cannot be read. Nothing is deleted while it is there: put it right, or "
        f"release it with `newstape pins --drop {name.removeprefix(START).removesuffix('.json')}`."
    )


def _paths(opened: DeltaTable | None) -> list[str]:
    """A version's files below the table's folder, as they lie there."""
    prefix = "" if opened is None else opened.table_uri.removeprefix("file://")
    return [] if opened is None else [file.removeprefix(prefix) for file in opened.file_uris()]


def _files(opened: DeltaTable | None) -> dict[str, int]:
    if opened is None:
        return {}
    actions = pa.table(opened.get_add_actions())
    # An action writes its path once more encoded; the name at its end is the same, and is unique.
    sizes = {
        path.rsplit("/", 1)[-1]: size
        for path, size in zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True)
    }
    paths = sorted(_paths(opened))
    return {path: sizes[path.rsplit("/", 1)[-1]] for path in paths}

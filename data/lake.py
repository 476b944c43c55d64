"""The lake: Delta tables in one folder or bucket, the only writer, and readers that never wait for it.

A writer takes the lake's lock, merges table by table, and then *publishes*: one small file names the
version of every table. A reader pins what was last published, so it sees all of a run or nothing of it,
and keeps seeing it for as long as it likes. A writer that dies or fails leaves commits nobody was told of; the
next one takes them back before it begins, so its counts and all that follows from them are whole.

    LakeError
    ├── NoLake       nothing at that place
    ├── OldLake      built by an older Newstape, not yet brought up to date
    ├── LakeBusy     another writer holds the lock
    │   └── RefreshRunning  another refresh is under way
    └── CannotWrite  disk full, no permission, store unreachable
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import stamina
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from data import asked, pins, queries
from data.asked import Asked
from data.columns import Table
from data.snapshot import Newest, Snapshot, open_table, table_options, table_uri
from data.store import Busy, Store, open_store
from data.tables import TABLES

#: Old versions and the files under them stay readable for this long after they were replaced.
RETENTION_HOURS = 7 * 24
POINTER = "published.json"
#: What the tables' columns are; a lake of an older number is brought up to date by its next writer.
FORMAT = 3
#: Stands beside the pointer from the first time on, to tell a lake that lost it from one never finished.
BUILT = "built.txt"
#: A longer list of values overflows a stack of delta-rs, which ends the process.
DELETED_AT_ONCE = 5_000
#: Beyond this, a merge's list of key values no longer helps Delta to skip files.
MAX_PRUNED_PARTITIONS = 60


class LakeError(Exception):
    """The lake cannot do what was asked; the message says what to do."""


class NoLake(LakeError):
    pass


class OldLake(LakeError):
    pass


class LakeBusy(LakeError):
    pass


class RefreshRunning(LakeBusy):
    pass


class CannotWrite(LakeError):
    pass


@dataclass(frozen=True)
class Counts:
    """What a merge found: rows not seen before, rows whose values differ, rows already there."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.new + other.new, self.changed + other.changed, self.same + other.same)

    @property
    def written(self) -> int:
        return self.new + self.changed


class Lake:
    """One lake. Reading: ``pin()``. Writing: ``with lake.writing(): merge(...)``."""

    def __init__(self, home: str, *, lock_wait_s: float = 60.0) -> None:
        self.home = home
        self._store: Store = open_store(home)
        self._lock_wait_s = lock_wait_s
        self._writing = False
        self._stories_by: str | None = None

    def exists(self) -> bool:
        return self._store.read(POINTER) is not None

    def create(self) -> None:
        """Make every table that is not there yet. Running it again changes nothing."""
        with self.writing():
            self._create()

    def _create(self) -> None:
        for table in TABLES.values():
            uri = table_uri(self.home, table.name)
            if DeltaTable.is_deltatable(uri, storage_options=table_options(self.home)):
                self._add_columns(table)
            else:
                DeltaTable.create(
                    uri,
                    table.schema,
                    mode="ignore",
                    partition_by=list(table.partition_by) or None,
                    description=table.doc,
                    storage_options=table_options(self.home),
                    configuration={
                        "delta.logRetentionDuration": "interval 30 days",
                        "delta.deletedFileRetentionDuration": f"interval {RETENTION_HOURS} hours",
                        "delta.enableDeletionVectors": "false",
                    },
                )

    def _add_columns(self, table: Table) -> None:
        """Give a table of an older format the columns it lacks, empty. Its files are written anew."""
        opened = open_table(self.home, table.name)
        held = opened.to_pyarrow_dataset().schema.names
        lacking = [field for field in table.schema if field.name not in held]
        if lacking:
            rows = opened.to_pyarrow_table()
            for field in lacking:
                rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
            _retry(
                lambda: write_deltalake(
                    opened, rows.select(table.names).cast(table.schema), mode="overwrite", schema_mode="overwrite"
                )
            )

    def pin(self) -> Snapshot:
        """The last published state.

        Raises NoLake when there is none at this place, OldLake when an older Newstape wrote it.
        """
        pointer = self._store.read(POINTER)
        if pointer is None:
            raise NoLake(
                f"There is no lake at {self.home}. `newstape serve` or `newstape init` builds one; "
                "--home or NEWSTAPE_HOME names another place."
            )
        read = _read_pointer(self.home, pointer)
        _refuse_newer(self.home, read)
        if read.get("format", 1) != FORMAT:
            raise OldLake(
                f"The lake at {self.home} was written by an older Newstape (format {read.get('format', 1)}, this one "
                f"reads {FORMAT}). `newstape init` brings it up to date and keeps what it holds."
            )
        return Snapshot(self.home, read["versions"], read.get("lake_id", ""))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock, and publish at the end what was committed within.

        The lock dies with its process. Within another ``writing()`` of the same lake object this changes
        nothing: the outermost one locks and publishes. Raises LakeBusy when another writer keeps it for longer than
        ``lock_wait_s``, CannotWrite when the place cannot be written to.
        """
        if self._writing:
            yield
            return
        try:
            with self._store.lock("writer", self._lock_wait_s):
                self._writing = True
                self._take_back_unpublished()
                if not self._is_current():
                    self._create()
                yield
                self._publish()
        except Busy as busy:
            raise LakeBusy(
                f"Another process is writing to {self.home} ({busy}). "
                "Try again when it has finished; nothing was changed."
            ) from busy
        except (OSError, DeltaError) as error:
            raise CannotWrite(
                f"Cannot write to the lake at {self.home}: {_plain(error)}. "
                "What was stored before is untouched; free some space or check the place's "
                "permissions, then run the same command again."
            ) from error
        finally:
            self._writing, self._stories_by = False, None

    def _is_current(self) -> bool:
        """Whether every table was there, in its present form, when this lake was last published."""
        pointer = self._store.read(POINTER)
        read = _read_pointer(self.home, pointer) if pointer else {"versions": {}}
        return read.get("format", 1) == FORMAT and TABLES.keys() <= read["versions"].keys()

    def _take_back_unpublished(self) -> None:
        """Return every table to its published version; to its empty first one where nothing ever was.

        Where the pointer was published once and is lost, what is committed stands.
        """
        pointer = self._store.read(POINTER)
        if pointer is None and self._store.read(BUILT) is not None:
            return
        read = _read_pointer(self.home, pointer) if pointer else {"versions": {}}
        _refuse_newer(self.home, read)
        published = read["versions"]
        for name in TABLES:
            # A table that an existing pointer does not name came later than the one who wrote it: it stands as it is.
            if pointer and name not in published:
                continue
            if not DeltaTable.is_deltatable(table_uri(self.home, name), storage_options=table_options(self.home)):
                continue
            opened = open_table(self.home, name)
            version = published.get(name, 0)
            if opened.version() != version:
                _retry(lambda opened=opened, version=version: opened.restore(version))

    def stories_by(self) -> str:
        """How stories are found: by their "words", or by their "meaning" too; what was set last."""
        pointer = self._store.read(POINTER)
        return self._stories_by or (_read_pointer(self.home, pointer) if pointer else {}).get("stories_by", "words")

    def find_stories_by(self, way: str) -> None:
        """Set that; within ``writing()``, and published with what was written. Every story has to be found again."""
        self._stories_by = way

    def _publish(self) -> None:
        versions = {name: open_table(self.home, name).version() for name in TABLES}
        before = self._store.read(POINTER)
        lake_id = _read_pointer(self.home, before).get("lake_id") if before else None
        published = {
            "format": FORMAT,
            "lake_id": lake_id or uuid.uuid4().hex,
            "stories_by": self.stories_by(),
            "versions": versions,
        }
        text = json.dumps(published, indent=1)
        if text.encode() != before:
            self._store.replace(POINTER, text.encode())
        if self._store.read(BUILT) is None:
            self._store.replace(BUILT, b"This lake was published before: without published.json, keep what is here.\n")

    @contextmanager
    def refreshing(self, job: str = "refresh") -> Iterator[None]:
        """Hold the right to refresh, or to another ``job``: one of its kind at a time, however many other writers.

        A dead one's right ends as its lock does (``Store.lock``). Raises RefreshRunning at once when another has it.
        """
        try:
            lock = self._store.lock(job, 0.0)
            lock.__enter__()
        except Busy as busy:
            raise RefreshRunning(
                f"Another {job} of {self.home} is running ({busy}); nothing was asked. Wait until it has finished."
            ) from busy
        except (OSError, DeltaError) as error:
            raise CannotWrite(f"Cannot write to the lake at {self.home}: {_plain(error)}.") from error
        try:
            yield
        finally:
            with suppress(OSError, DeltaError):  # it ends by itself
                lock.__exit__(None, None, None)

    def asked(self) -> dict[str, Asked]:
        """What was asked of each source last, by its name in the registry."""
        return asked.read(self._store.read(asked.FILE))

    def keep_asked(self, lines: Mapping[str, Asked]) -> None:
        """Write down what was asked; within ``refreshing()``. Raises CannotWrite."""
        try:
            self._store.replace(asked.FILE, asked.written(lines))
        except OSError as error:
            raise CannotWrite(f"Cannot write to the lake at {self.home}: {_plain(error)}.") from error

    def newest(self) -> Snapshot:
        """What is committed, published or not. For the writer, under its lock."""
        return Newest(self.home)

    def merge(self, name: str, rows: pa.Table, *, keep: Iterable[str] = (), protect: str = "") -> Counts:
        """Bring rows into a table by its key, and say what that changed. Call within ``writing()``.

        Equal rows are left alone, so merging twice commits once. ``rows`` has the table's schema and one
        row a key. ``keep`` names columns whose stored value wins over the incoming one and does not count
        as a change. ``protect`` names a column that marks a row as derived: a derived row never
        replaces a stored one that is not.
        """
        table = TABLES[name]
        rows = rows.select(table.names).cast(table.schema)
        if rows.num_rows == 0:
            return Counts()
        prune = _prune(table, rows)
        source = self.newest().source(name, prune)
        if source.empty:
            self._append(table, rows)
            return Counts(new=rows.num_rows)
        sorted_rows = queries.classify(source, rows, table, keep=tuple(keep), protect=protect)
        counts = Counts(sorted_rows.new.num_rows, sorted_rows.changed.num_rows, sorted_rows.same)
        if counts.changed:
            self._merge(table, pa.concat_tables([sorted_rows.new, sorted_rows.changed]))
        elif counts.new:  # a merge would look through every file for what is not there
            self._append(table, sorted_rows.new)
        return counts

    def would_change(self, name: str, rows: pa.Table, *, protect: str = "") -> bool:
        """Whether merging these rows would write anything, by what is published. Needs no lock."""
        if rows.num_rows == 0:
            return False
        table = TABLES[name]
        source = self.pin().source(name, _prune(table, rows))
        found = queries.classify(source, rows.select(table.names).cast(table.schema), table, keep=(), protect=protect)
        return found.same < rows.num_rows

    def missing(self, name: str, rows: pa.Table) -> pa.Table:
        """Those of the rows whose key is not stored yet."""
        table = TABLES[name]
        source = self.newest().source(name, _prune(table, rows))
        return queries.classify(source, rows, table, keep=table.values, protect="").new

    def delete(self, name: str, column: str, values: Iterable[str]) -> int:
        """Remove the rows whose text column holds one of these values; for derived tables alone."""
        removed, left = 0, list(values)
        for n in range(0, len(left), DELETED_AT_ONCE):
            listed = ", ".join(_literal(value) for value in left[n : n + DELETED_AT_ONCE])
            found = _retry(lambda listed=listed: open_table(self.home, name).delete(f"{column} IN ({listed})"))
            removed += found["num_deleted_rows"]
        return removed

    def _append(self, table: Table, rows: pa.Table) -> None:
        ordered = rows.sort_by([(name, "ascending") for name in table.key])
        _retry(
            lambda: write_deltalake(
                open_table(self.home, table.name),
                ordered,
                mode="append",
                commit_properties=CommitProperties(max_commit_retries=0),
            )
        )

    def _merge(self, table: Table, rows: pa.Table) -> None:
        keys = [f't."{name}" = s."{name}"' for name in (*table.key, *table.partition_by)]
        prune = _prune(table, rows, "t.")
        predicate = " AND ".join([*keys, prune] if prune else keys)
        _retry(
            lambda: (
                open_table(self.home, table.name)
                .merge(
                    rows,
                    predicate,
                    source_alias="s",
                    target_alias="t",
                    commit_properties=CommitProperties(max_commit_retries=0),
                )
                .when_matched_update_all()
                .when_not_matched_insert_all()
                .execute()
            )
        )

    def compact(self) -> dict[str, tuple[int, int]]:
        """Join small files, and delete those replaced longer ago than the retention that no pin names (``data.pins``).

        Returns files before and after, by table. A reader pinned within the retention is not disturbed. Raises BadPin.
        """
        sizes, kept = {}, pins.held(self.home)
        with self.writing():
            for name in TABLES:
                opened = open_table(self.home, name)
                before = len(opened.file_uris())
                if before > 1:
                    _retry(opened.optimize.compact)
                pins.vacuum(self.home, name, kept.get(name, set()), RETENTION_HOURS)
                opened.cleanup_metadata()
                sizes[name] = (before, len(open_table(self.home, name).file_uris()))
        return sizes


def _refuse_newer(home: str, read: Mapping) -> None:
    if read.get("format", 1) > FORMAT:
        raise LakeError(
            f"The lake at {home} was written by a newer Newstape (format {read['format']}, this one knows {FORMAT}): "
            "update Newstape. Nothing was changed."
        )


def _read_pointer(home: str, content: bytes) -> dict:
    try:
        read = json.loads(content)
        if isinstance(read["versions"], dict):
            return read
    except (ValueError, KeyError, TypeError):
        pass
    raise LakeError(
        f"{home}/{POINTER} is damaged. Delete that one file and run `newstape init`: what the tables hold is kept."
    )


def _retry(commit):
    """Another writer's commit came first: look again and merge again. The lock makes this rare."""
    for attempt in stamina.retry_context(on=CommitFailedError, attempts=6, wait_initial=0.05, wait_max=2.0):
        with attempt, _native_silence():
            return commit()
    raise AssertionError("unreachable: the last attempt returns or raises")


@contextmanager
def _native_silence() -> Iterator[None]:
    """Keep what compiled code writes to standard error off the terminal.

    On a full disk a thread of delta-rs prints a panic and a stack trace besides raising the error that says why.
    """
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _prune(table: Table, rows: pa.Table, alias: str = "") -> str:
    """A condition that skips every file these rows cannot be in."""
    conditions = []
    for name in table.partition_by:
        values = pc.unique(rows[name]).to_pylist()
        if len(values) <= MAX_PRUNED_PARTITIONS:
            conditions.append(f'{alias}"{name}" IN ({", ".join(_literal(value) for value in sorted(values))})')
    return " AND ".join(conditions)


def _plain(error: Exception) -> str:
    """The cause in one line; delta-rs nests its reasons over several."""
    return " ".join(str(error).split())[:300].rstrip(".")

"""The two things a lake needs beside its tables: one small file that is replaced whole, and a lock."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import filelock
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from pyarrow import fs

from data.home import is_url, storage_options


class Busy(Exception):
    """Another process holds the lock."""


class Store(Protocol):
    def read(self, name: str) -> bytes | None:
        """The file's content; ``None`` where it is not there."""
        ...

    def replace(self, name: str, content: bytes) -> None:
        """Put the whole content in place at once: a reader sees the old one or the new one."""
        ...

    def names(self, start: str) -> list[str]:
        """Files beside the tables whose names begin so, in order."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file, or one below a table's folder; nothing where it is not there."""
        ...

    def sizes(self, names: Sequence[str]) -> list[int | None]:
        """Bytes of each file; ``None`` where it is not there."""
        ...

    def lock(self, name: str, wait_s: float):
        """Context manager: one holder of that name at a time. Raises Busy after ``wait_s`` seconds.

        A holder that dies loses it: at once on a file system, after ``LEASE_S`` seconds on an object store.
        """
        ...


def open_store(home: str) -> Store:
    return BucketStore(home) if is_url(home) else FolderStore(Path(home))


class FolderStore:
    """On a file system: replace by rename; a file lock, which the system drops when its process dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def replace(self, name: str, content: bytes) -> None:
        # Not tempfile: its files are for their owner alone, and other users' dashboards read this one.
        temporary = self._folder / f".{name}.{uuid.uuid4().hex}"
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._folder / name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def names(self, start: str) -> list[str]:
        return sorted(path.name for path in self._folder.glob(f"{start}*"))

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def sizes(self, names: Sequence[str]) -> list[int | None]:
        return [_size(self._folder / name) for name in names]

    @contextmanager
    def lock(self, name: str, wait_s: float) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f".{name}.lock"
        lock = filelock.FileLock(file, timeout=wait_s)
        try:
            lock.acquire()
        except filelock.Timeout as timeout:
            raise Busy(f"lock file {file}") from timeout
        try:
            yield
        finally:
            lock.release()


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return None


#: A holder that has not renewed its lease for this long is taken for dead.
LEASE_S = 60
LEASE_SCHEMA = pa.schema([("holder", pa.string()), ("until", pa.timestamp("us", tz="UTC"))])


class BucketStore:
    """On an object store: a put replaces the object whole; the lock is a lease in a Delta table of one row.

    Delta's commits are conditional puts, so of two processes that see a free lease one gets it. The holder
    renews it while it works; one that died loses it after ``LEASE_S`` seconds. Clocks of the writers must
    agree to within a few seconds. Should a lease ever be held twice, merges still conflict rather than mix.
    """

    def __init__(self, home: str) -> None:
        self._home = home

    def _file_system(self) -> tuple[fs.FileSystem, str]:
        scheme, rest = self._home.split("://", 1)
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        if scheme == "s3" and endpoint:
            protocol, host = endpoint.split("://", 1)
            return fs.S3FileSystem(
                endpoint_override=host.rstrip("/"),
                scheme=protocol,
                region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
            ), rest
        return fs.FileSystem.from_uri(self._home)

    def read(self, name: str) -> bytes | None:
        file_system, root = self._file_system()
        try:
            with file_system.open_input_stream(f"{root}/{name}") as stream:
                return stream.readall()
        except FileNotFoundError:
            return None

    def replace(self, name: str, content: bytes) -> None:
        file_system, root = self._file_system()
        with file_system.open_output_stream(f"{root}/{name}") as stream:
            stream.write(content)

    def names(self, start: str) -> list[str]:
        file_system, root = self._file_system()
        found = file_system.get_file_info(fs.FileSelector(root, allow_not_found=True))
        return sorted(info.base_name for info in found if info.is_file and info.base_name.startswith(start))

    def remove(self, name: str) -> None:
        file_system, root = self._file_system()
        with suppress(FileNotFoundError):
            file_system.delete_file(f"{root}/{name}")

    def sizes(self, names: Sequence[str]) -> list[int | None]:
        file_system, root = self._file_system()
        found = file_system.get_file_info([f"{root}/{name}" for name in names])
        return [info.size if info.is_file else None for info in found]

    def dataset(self, names: Sequence[str], schema: pa.Schema) -> ds.Dataset:
        """Parquet files below one table's folder, with what their paths say."""
        file_system, root = self._file_system()
        hive = ds.HivePartitioning(pa.schema([field for field in schema if f"/{field.name}=" in names[0]]))
        paths = [f"{root}/{name}" for name in names]
        return ds.dataset(paths, schema, format="parquet", filesystem=file_system, partitioning=hive)

    @contextmanager
    def lock(self, name: str, wait_s: float) -> Iterator[None]:
        lease = _Lease(f"{self._home}/_lease" + ("" if name == "writer" else f"_{name}"))
        deadline = time.monotonic() + wait_s
        while (holder := lease.take()) is not None:
            if time.monotonic() >= deadline:
                raise Busy(f"lease held by {holder}")
            time.sleep(min(0.5, wait_s))
        done = threading.Event()
        renewal = threading.Thread(target=lease.renew, args=(done,), daemon=True)
        renewal.start()
        try:
            yield
        finally:
            done.set()
            renewal.join()
            lease.give_back()


class _Lease:
    """One row in a Delta table: who holds it, until when."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._me = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def take(self) -> str | None:
        """Take the lease; who holds it where that fails."""
        now = datetime.now(UTC)
        table = DeltaTable.create(self._uri, LEASE_SCHEMA, mode="ignore", storage_options=storage_options())
        for row in table.to_pyarrow_table().to_pylist():
            if row["holder"] != self._me and row["until"] > now:
                return row["holder"]
        try:
            self._write([{"holder": self._me, "until": now + timedelta(seconds=LEASE_S)}], table)
        except CommitFailedError:
            return "another process that took it in the same moment"
        return None

    def renew(self, done: threading.Event) -> None:
        while not done.wait(LEASE_S / 3):
            with suppress(DeltaError, OSError):  # tried again in a third of the lease
                if not self._held():
                    return  # another holder took us for dead; it keeps the lease
                self._write([{"holder": self._me, "until": datetime.now(UTC) + timedelta(seconds=LEASE_S)}])

    def give_back(self) -> None:
        if self._held():
            self._write([])

    def _held(self) -> bool:
        rows = DeltaTable(self._uri, storage_options=storage_options()).to_pyarrow_table().to_pylist()
        return any(row["holder"] == self._me for row in rows)

    def _write(self, rows: list[dict], table: DeltaTable | None = None) -> None:
        table = table or DeltaTable(self._uri, storage_options=storage_options())
        write_deltalake(
            table,
            pa.Table.from_pylist(rows, LEASE_SCHEMA),
            mode="overwrite",
            commit_properties=CommitProperties(max_commit_retries=0),
        )

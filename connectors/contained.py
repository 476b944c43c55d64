"""Parsing where it can do no harm: in a process of its own, with a time limit that really ends it.

A parser that loops, eats the memory or brings the interpreter down costs one answer, not the refresh::

    with Contained() as contained:
        page = contained.parse(connector, request, body)

The process is started on first use with nothing but this package's import path (no fork: the caller may have
threads; no ``multiprocessing``: that would run the caller's main module again), and kept for the next parse.
Its environment holds no keys. Messages are pickles behind their length, over stdin and stdout.

**Pickle** carries connectors and records as they are. The child only reads what its parent wrote. The parent
reads what the child wrote, which is our code, fed with untrusted bytes: so it takes dataclasses of this
package, exceptions and times, and nothing that a pickle could make it call. That the child has the rights
of its user remains: it contains accidents and excess, it is no sandbox.
"""

from __future__ import annotations

import builtins
import contextlib
import datetime as dates
import importlib
import io
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import is_dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, TypeVar

from connectors.errors import BadAnswer, SourceError
from connectors.records import Connector, Page, Request

T = TypeVar("T")

PARSE_S = 20.0
MEMORY_BYTES = 1_500_000_000
MAX_REPLY_BYTES = 256_000_000
#: The child's own clock ends it this much after its parent should have, in case the parent is gone.
GRACE_S = 2.0
#: What the child may know of its parent's environment: no keys, no proxies, no options.
ENVIRONMENT = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ")
_KINDS = {"page": Page, "raised": Exception, "failed": str, "memory": type(None)}
_LENGTH = struct.Struct(">Q")


class Contained:
    """A few reading processes, for any number of threads.

    A parse that takes longer than ``parse_s`` seconds, or more than ``memory_bytes`` (where the system can limit
    that: not on macOS or Windows), ends with its process; the next parse gets a new one. ``workers`` parses
    run at a time, further ones wait their turn, which their time does not count.
    """

    def __init__(self, parse_s: float = PARSE_S, workers: int = 2, memory_bytes: int = MEMORY_BYTES) -> None:
        self._parse_s, self._memory_bytes = parse_s, memory_bytes
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()  # None: not started; started ones first
        self._workers = workers
        for _ in range(workers):
            self._idle.put(None)

    def parse(self, connector: Connector[T], request: Request, body: bytes) -> Page[T]:
        """``connector.parse(request, body)``, raising what that raises; what it changes on itself is lost.

        Raises ``BadAnswer`` for an answer that takes too long, too much memory, or brings the process down.
        """
        job = pickle.dumps((self._parse_s, connector, request, body), pickle.HIGHEST_PROTOCOL)
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive:
                worker = self._replaced(worker)
            kind, value = self._asked(worker, job, request, len(body), connector)
        except BaseException:  # KeyboardInterrupt too: its answer would be taken for the next one's
            if worker is not None:
                worker.end()
                worker = None
            raise
        finally:
            self._idle.put(worker)
        if kind == "page":
            return value
        if kind == "raised":
            raise value
        raise RuntimeError(f"{connector.source}'s parser failed on {request.url}: {value}")

    def close(self) -> None:
        """Ends the processes. Waits for parses that are under way."""
        for worker in [self._idle.get() for _ in range(self._workers)]:
            if worker is not None:
                worker.end()
            self._idle.put(None)

    def __enter__(self) -> Contained:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _replaced(self, worker: _Worker | None) -> _Worker:
        if worker is not None:
            worker.end()
        return _Worker(self._memory_bytes)

    def _asked(
        self, worker: _Worker, job: bytes, request: Request, size: int, connector: Connector[T]
    ) -> tuple[str, Any]:
        """What the worker answers. Raises ``BadAnswer`` where it doesn't; the worker is of no further use then."""
        began = time.monotonic()
        reply = worker.ask(job, self._parse_s)
        skipped = f"{request.url} answered with {size:,} bytes that"
        if reply is None:
            if time.monotonic() - began >= self._parse_s:
                raise BadAnswer(f"{skipped} took longer than {self._parse_s:g} s to read; skipped.")
            raise BadAnswer(f"{skipped} ended the process that read them ({worker.ended()}); skipped.")
        try:
            kind, value = _Unpickler(io.BytesIO(reply), getattr(connector, "record", None)).load()
            if not isinstance(value, _KINDS[kind]):
                raise pickle.UnpicklingError(f"{type(value).__name__} for {kind}")
        except Exception as error:  # a pickle that is none can raise anything
            raise BadAnswer(f"{skipped} made the process that read them send no page ({error}); skipped.") from error
        if kind == "memory":
            raise BadAnswer(f"{skipped} took more than {self._memory_bytes / 1e6:,.0f} MB to read; skipped.")
        return kind, value


class _Worker:
    """The parent's end of one child."""

    def __init__(self, memory_bytes: int) -> None:
        environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "connectors.contained", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._stopped = False

    @property
    def alive(self) -> bool:
        return not self._stopped and self._process.poll() is None

    def ask(self, job: bytes, within_s: float) -> bytes | None:
        """The reply, or None where the child ended, by the limit or by itself."""
        limit = threading.Timer(within_s, self._stop)  # works on pipes of every system
        limit.daemon = True
        limit.start()
        try:
            _write(self._process.stdin, job)
            return _read(self._process.stdout, MAX_REPLY_BYTES)
        except OSError:  # a broken pipe
            return None
        finally:
            limit.cancel()

    def _stop(self) -> None:
        self._stopped = True  # also where the reply comes in the same moment, and is good
        self._process.kill()

    def ended(self) -> str:
        """How: it has closed its pipe, so it is about to end if it has not yet."""
        try:
            code = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "it closed its pipe"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was left to write has no reader
                pipe.close()


class _Unpickler(pickle.Unpickler):
    """Makes records, errors and times, and calls nothing else (see the module's docstring)."""

    def __init__(self, source: BinaryIO, record: type | None) -> None:
        super().__init__(source)
        self._record = record

    def find_class(self, module: str, name: str) -> type:
        if self._record is not None and (module, name) == (self._record.__module__, self._record.__qualname__):
            return self._record
        if module == "datetime" and name in ("datetime", "date", "timedelta", "timezone"):
            return getattr(dates, name)
        found = None
        if module == "builtins":
            found = getattr(builtins, name, None)
        elif module.startswith("connectors."):
            found = getattr(importlib.import_module(module), name, None)
        if _acceptable(found):
            return found
        raise pickle.UnpicklingError(f"a reading process sent {module}.{name}, which is no record and no error")


def _acceptable(kind: object) -> bool:
    if not isinstance(kind, type):
        return False
    return issubclass(kind, Exception) or (is_dataclass(kind) and kind.__module__.startswith("connectors."))


def _write(pipe: BinaryIO, message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def _read(pipe: BinaryIO, most: int) -> bytes | None:
    """The next message, or None at the end of the pipe, or where it claims to be longer than ``most``."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(head)[0]
    message = pipe.read(size) if size <= most else b""
    return message if len(message) == size else None


# The child's side.


def main(memory_bytes: int) -> None:
    jobs, replies = _private_pipes()
    _limit_memory(memory_bytes)
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs, waiting), daemon=True).start()
    while True:
        job = waiting.get()
        _write(replies, _answered(job))


def _listen(jobs: BinaryIO, waiting: queue.SimpleQueue[bytes]) -> None:
    """Takes jobs in, and ends this process with its parent even while it parses."""
    while (job := _read(jobs, sys.maxsize)) is not None:
        waiting.put(job)
    os._exit(0)


def _answered(job: bytes) -> bytes:
    try:
        within_s, connector, request, body = pickle.loads(job)
        _alarm(within_s + GRACE_S)
        try:
            answer: tuple[str, object] = ("page", connector.parse(request, body))
        finally:
            _alarm(0)
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps(("memory", None))
    except Exception as error:
        return _raised(error)


def _raised(error: Exception) -> bytes:
    """The exception itself, or for one the parent would not take, its text. A defect brings its traceback."""
    told = "".join(traceback.format_exception(error))
    if not isinstance(error, SourceError):
        error.add_note(told)
    try:
        sent = pickle.dumps(("raised", error), pickle.HIGHEST_PROTOCOL)
        _Unpickler(io.BytesIO(sent), None).load()
    except Exception:
        return pickle.dumps(("failed", told))
    return sent


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """This process's two pipes, moved away from where a library prints to or reads from."""
    jobs, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return os.fdopen(jobs, "rb"), os.fdopen(replies, "wb")


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass  # Windows has none, macOS knows it and does not keep it


def _alarm(seconds: float) -> None:
    """Has the system end this process, whatever it is doing: also inside a regular expression."""
    import signal

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to answer
    main(int(sys.argv[1]))

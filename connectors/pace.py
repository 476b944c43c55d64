"""How far apart requests are: one clock for every source that asks the same host."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Pace:
    """Gives every request its turn. Threads may share one; a host's requests then keep their distance whoever asks.

    ``clock`` gives seconds, ``sleep`` waits them.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._next: dict[str, float] = {}
        self._lock = Lock()

    def wait(self, host: str, interval_s: float) -> None:
        """Return when ``host`` may be asked: ``interval_s`` seconds after its request before this one began."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + interval_s
        if turn > now:
            self._sleep(turn - now)

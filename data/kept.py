"""Values that are made once for a key and shared by the threads of this process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The values used last, ``most`` of them by ``size`` (each counts 1 without it); the newest is always kept.

    Threads that ask for the same key wait for one making of it; those that ask for others do not.
    """

    def __init__(self, most: int, size: Callable[[T], int] = lambda value: 1) -> None:
        self.most, self.size, self.held = most, size, 0
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._values:  # made while this thread waited
                    return self._values[key]
            value = make()
            with self._lock:
                self._making.pop(key, None)
                self._values[key] = value
                self.held += self.size(value)
                while self.held > self.most and len(self._values) > 1:
                    self.held -= self.size(self._values.popitem(last=False)[1])
            return value

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

"""The only loop: ask, wait, ask again where that helps, turn the page, stop.

A pull that fails is a value, so that one source cannot stop a batch::

    pulled = pull(connector, window, send)
    store(pulled.records, pulled.rejects)
    if pulled.error is None:
        move_cursor(window.end)       # only a pull that reached its last page may move a cursor
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import stamina

from connectors.errors import Endless, RateLimited, SourceError, Transient
from connectors.records import Connector, Limits, Page, Reject, Request, Window

T = TypeVar("T")
Send = Callable[[Request, Limits], bytes]  # Transport.send, or registry.sender(transport) for any source

#: We wait when a source asks for up to this long; a longer wait is left to the next run.
MAX_RETRY_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Pulled(Generic[T]):
    """What one pull brought. ``error`` is None when the last page was reached.

    With an error, ``pages`` holds those that came before it: good data, but the window is not covered.
    """

    source: str
    window: Window
    pages: tuple[Page[T], ...] = ()
    error: SourceError | None = None
    attempts: int = 0  # requests sent, repeated ones included
    reached: datetime | None = None  # where the window begins before what the source keeps: from here on it gave all

    @property
    def complete(self) -> bool:
        return self.error is None

    @property
    def records(self) -> tuple[T, ...]:
        """In the order they came; a source may send one twice, on the edge of two pages for instance."""
        return tuple(record for page in self.pages for record in page.records)

    @property
    def rejects(self) -> tuple[Reject, ...]:
        return tuple(reject for page in self.pages for reject in page.rejects)


def pull(
    connector: Connector[T],
    window: Window,
    send: Send,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Pulled[T]:
    """Everything ``connector`` has for ``window``.

    Between two requests lie at least ``limits.min_interval_s`` seconds (``clock`` and ``sleep`` measure and
    wait). Transient answers are asked for again, ``limits.attempts`` times in all, after a growing pause or
    after what ``Retry-After`` says. Any ``SourceError`` ends the pull and comes back inside the result;
    other exceptions are defects of ours and are raised.
    """
    asking = _Asking(connector, send, clock, sleep)
    pages: list[Page[T]] = []
    asked: set[object] = set()
    error: SourceError | None = None
    try:
        request: Request | None = connector.first(window)
        while request is not None:
            _refuse_circles(connector, request, asked, pages)
            page = asking.page(request)
            if pages and page.records and page.records == pages[-1].records:
                raise Endless(f"{request.url} sent the same page twice for different questions; stopped.")
            pages.append(page)
            request = page.next
    except SourceError as caught:
        error = caught
    return Pulled(connector.source, window, tuple(pages), error, asking.attempts, _reached(connector, window))


def _reached(connector: Connector[T], window: Window) -> datetime | None:
    reach = getattr(connector, "reach", None)
    return window.end - reach if reach is not None and window.start < window.end - reach else None


def pull_chain(
    connectors: Iterable[Connector[T]],
    window: Window | Callable[[Connector[T]], Window],
    send: Send,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Pulled[T], ...]:
    """Sources that stand in for each other, asked in order until one gives the whole window.

    ``window`` may differ by source; one that is asked because another fell short is asked from where that
    one's window began. One result each for those that were asked: all but the last carry the error, or the
    ``reached``, that made the next one be asked.
    """
    tried: list[Pulled[T]] = []
    needed: datetime | None = None
    for connector in connectors:
        own = window if isinstance(window, Window) else window(connector)
        start = own.start if needed is None else min(own.start, needed)
        tried.append(pull(connector, Window(start, own.end), send, clock=clock, sleep=sleep))
        if tried[-1].complete and tried[-1].reached is None:
            break
        needed = start
    return tuple(tried)


class _Asking(Generic[T]):
    """One connector's requests, paced and repeated."""

    def __init__(
        self, connector: Connector[T], send: Send, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._connector, self._send, self._clock, self._sleep = connector, send, clock, sleep
        self._last: float | None = None
        self.attempts = 0

    def page(self, request: Request) -> Page[T]:
        # Parsing is inside: some sources write "too many requests" into the body of a 200.
        for attempt in stamina.retry_context(
            on=_wait_s,
            attempts=self._connector.limits.attempts,
            timeout=None,
            wait_initial=1.0,
            wait_max=30.0,
        ):
            with attempt:
                self._pace()
                self.attempts += 1
                return self._connector.parse(request, self._send(request, self._connector.limits))
        raise AssertionError("retry_context yields at least one attempt")

    def _pace(self) -> None:
        if self._last is not None:
            wait = self._last + self._connector.limits.min_interval_s - self._clock()
            if wait > 0:
                self._sleep(wait)
        self._last = self._clock()


def _wait_s(error: Exception) -> bool | float:
    """For stamina: whether to ask again, and after how many seconds where the source says so."""
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        return error.retry_after_s if error.retry_after_s <= MAX_RETRY_AFTER_S else False
    return isinstance(error, Transient)


def _refuse_circles(connector: Connector[T], request: Request, asked: set[object], pages: list[Page[T]]) -> None:
    question = (request.url, *(sorted((k, repr(v)) for k, v in {**request.params, **request.state}.items())))
    if question in asked:
        raise Endless(f"{request.url} leads back to a page that was already read; stopped after {len(pages)}.")
    if len(pages) >= connector.limits.max_pages:
        raise Endless(
            f"{connector.source} has more than {len(pages)} pages for this window; those read are kept. "
            "Ask for a shorter window."
        )
    asked.add(question)

"""The only loop: ask, wait, ask again where that helps, turn the page, stop.

A pull that fails is a value, so that one source cannot stop a batch::

    pulled = pull(connector, window, send)
    store(pulled.records, pulled.rejects)
    if pulled.error is None:
        move_cursor(window.end)       # only a pull that reached its last page may move a cursor
        keep(pulled.validators)       # ... or have its next question be conditional
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import stamina

from connectors.errors import Endless, RateLimited, SourceError, Transient
from connectors.pace import Pace
from connectors.records import Answer, Article, Connector, Limits, Page, Reject, Request, Validators, Window

T = TypeVar("T")
S = TypeVar("S")
Send = Callable[[Request, Limits], Answer]  # Transport.send, or registry.sender(transport) for any source
Parse = Callable[[Connector[T], Request, bytes], Page[T]]

#: We wait when a source asks for up to this long; a longer wait is left to the next run.
MAX_RETRY_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Pulled(Generic[T]):
    """What one pull brought. ``error`` is None when the last page was reached.

    With an error, ``pages`` holds those that came before it: good data, but the window is not covered. Where
    the source said that nothing has changed since ``validators``, there is no page.
    """

    source: str
    window: Window
    pages: tuple[Page[T], ...] = ()
    error: SourceError | None = None
    attempts: int = 0  # requests sent, repeated ones included
    reached: datetime | None = None  # where the window begins before what the source keeps: from here on it gave all
    not_modified: bool = False
    validators: Validators | None = None  # to send next time, once these pages are stored
    headers: Mapping[str, str] = field(default_factory=dict)  # of the last answer: what is left of a quota

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
    validators: Validators | None = None,
    pace: Pace | None = None,
    parse: Parse[T] | None = None,
) -> Pulled[T]:
    """Everything ``connector`` has for ``window``.

    Requests to one host lie at least ``limits.min_interval_s`` seconds apart (``pace``, one for all pulls of a
    refresh). Transient answers are asked for again, ``limits.attempts`` times in all, after a growing pause or
    after what ``Retry-After`` says. ``validators`` make the request conditional, for sources of a single page;
    a feed that sends the very bytes it sent before has not changed either.
    ``parse`` may run ``connector.parse`` elsewhere. Any ``SourceError`` ends the pull and comes back inside the
    result; other exceptions are defects of ours and are raised.
    """
    asking = _Asking(connector, send, pace or Pace(), parse or _parse)
    conditional = connector.limits.max_pages == 1
    # What an article says does not depend on when it was asked for; a market's figure may be stamped by that.
    timeless = conditional and connector.record is Article
    pages: list[Page[T]] = []
    asked: set[object] = set()
    error: SourceError | None = None
    question = ""
    try:
        request: Request | None = connector.first(window)
        if conditional:
            question = _question(request)
            if validators is not None and validators.question == question:
                request = replace(request, headers={**request.headers, **validators.headers()})
                asking.known = validators.digest if timeless else None
        while request is not None:
            _refuse_circles(connector, request, asked, pages)
            page = asking.page(request)
            if page is None:
                break
            if pages and page.records and page.records == pages[-1].records:
                raise Endless(f"{request.url} sent the same page twice for different questions; stopped.")
            pages.append(page)
            request = page.next
    except SourceError as caught:
        error = caught
    return Pulled(
        connector.source,
        window,
        tuple(pages),
        error,
        asking.attempts,
        _reached(connector, window),
        asking.unchanged,
        _validators(question, asking.answer, timeless) if conditional and error is None else None,
        asking.answer.headers,
    )


def _parse(connector: Connector[T], request: Request, body: bytes) -> Page[T]:
    return connector.parse(request, body)


def _question(request: Request) -> str:
    """A request as one line, equal for equal questions."""
    return " ".join([request.url, *(f"{name}={value}" for name, value in sorted(request.params.items()))])


def _validators(question: str, answer: Answer, timeless: bool) -> Validators | None:
    etag, modified = answer.headers.get("etag"), answer.headers.get("last-modified")
    digest = _digest(answer.body) if timeless and not answer.not_modified else None
    return Validators(question, etag, modified, digest) if etag or modified or digest else None


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _reached(connector: Connector[T], window: Window) -> datetime | None:
    reach = getattr(connector, "reach", None)
    return window.end - reach if reach is not None and window.start < window.end - reach else None


def pull_chain(
    sources: Iterable[S],
    window: Window | Callable[[S], Window],
    ask: Callable[[S, Window], Pulled[T]],
) -> tuple[Pulled[T], ...]:
    """Sources that stand in for each other, asked in order until one gives the whole window.

    ``window`` may differ by source; one that is asked because another fell short is asked from where that
    one's window began. ``ask`` pulls one source. One result each for those that were asked: all but the last
    carry the error, or the ``reached``, that made the next one be asked.
    """
    tried: list[Pulled[T]] = []
    needed: datetime | None = None
    for source in sources:
        own = window if isinstance(window, Window) else window(source)
        start = own.start if needed is None else min(own.start, needed)
        tried.append(ask(source, Window(start, own.end)))
        if tried[-1].complete and tried[-1].reached is None:
            break
        needed = start
    return tuple(tried)


class _Asking(Generic[T]):
    """One connector's requests, paced and repeated."""

    def __init__(self, connector: Connector[T], send: Send, pace: Pace, parse: Parse[T]) -> None:
        self._connector, self._send, self._pace, self._parse = connector, send, pace, parse
        self.attempts = 0
        self.answer = Answer(b"")
        self.known: str | None = None  # digest of the answer that is stored
        self.unchanged = False

    def page(self, request: Request) -> Page[T] | None:
        """The next page; None where the source says that nothing has changed."""
        limits = self._connector.limits
        # Parsing is inside: some sources write "too many requests" into the body of a 200.
        for attempt in stamina.retry_context(
            on=_wait_s, attempts=limits.attempts, timeout=None, wait_initial=1.0, wait_max=30.0
        ):
            with attempt:
                self._pace.wait(urlsplit(request.url).netloc, limits.min_interval_s)
                self.attempts += 1
                self.answer = self._send(request, limits)
                if self.answer.not_modified or (self.known and self.known == _digest(self.answer.body)):
                    self.unchanged = True
                    return None
                return self._parse(self._connector, request, self.answer.body)
        raise AssertionError("retry_context yields at least one attempt")


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

"""What connectors produce and how they are asked.

All datetimes are aware and UTC; windows are half-open ``[start, end)``. Records hold what a provider
said, in our names and units; whether a value is acceptable is decided later, in ``data.validate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

R = TypeVar("R", covariant=True)
T = TypeVar("T")

#: How exactly an instant is known.
PRECISIONS = ("second", "minute", "hour", "day", "month", "year")


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time; ``end`` is also the moment of asking for sources that only know "now"."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Candle:
    """One closed bar, stamped at its open."""

    source: str  # the exchange, e.g. "kraken"
    symbol: str  # "BTC/USD"
    interval: str  # "1m", "5m", "1h", "1d"
    open_time: datetime
    open: float  # quote currency per base unit, as are high, low, close
    high: float
    low: float
    close: float
    volume: float  # base units


@dataclass(frozen=True, slots=True)
class MarketCap:
    """One market capitalisation by one provider's count."""

    source: str  # "coingecko", "tradingview"
    definition: str  # the universe counted: "all-coins", "top-125"; of an asset, the one its share is of, or "asset"
    asset: str  # "BTC", or "TOTAL", "TOTAL2", "TOTAL3"
    period_end: datetime  # the instant the value holds for, or the close of its bar
    market_cap_usd: float
    resolution_s: int  # spacing of the series the value is from, in seconds
    available_at: datetime  # when the provider had published it
    open_usd: float | None = None  # of the cap over the period that ends at period_end
    high_usd: float | None = None
    low_usd: float | None = None
    price_usd: float | None = None
    volume_usd: float | None = None
    supply: float | None = None
    asset_id: str | None = None  # the provider's own name for the asset, where symbols are ambiguous


@dataclass(frozen=True, slots=True)
class Indicator:
    """One value of a series that is neither a price nor a market cap, such as the Fear & Greed index."""

    source: str  # "alternative.me"
    name: str  # "fear-and-greed"
    period_end: datetime  # the end of the span the value is for
    value: float  # in the series' own unit
    available_at: datetime  # when the provider had published it
    resolution_s: int  # spacing of the series, in seconds
    label: str | None = None  # the provider's word for it: "Extreme Fear"


@dataclass(frozen=True, slots=True)
class Article:
    """One news item as its publisher states it; nothing here is inferred."""

    source: str  # registry name of the feed or import, e.g. "coindesk"
    publisher: str
    url: str | None  # canonical; None for pasted text
    title: str | None
    summary: str | None = None
    body: str | None = None
    author: str | None = None
    language: str | None = None
    published_at: datetime | None = None  # the publisher's claim
    published_precision: str | None = None  # one of PRECISIONS
    published_not_before: datetime | None = None  # lower bound where published_at is unknown
    first_seen_at: datetime | None = None  # when we first fetched it
    indexed_at: datetime | None = None  # when a third party (GDELT) had seen it: it was out by then


@dataclass(frozen=True, slots=True)
class Reject:
    """Something a provider sent that could not be read, and why."""

    reason: str
    excerpt: str  # at most 200 characters


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may be asked, and for how long."""

    min_interval_s: float = 1.0  # between two requests
    attempts: int = 4  # per request, transient answers alone
    timeout_s: float = 20.0  # per attempt
    max_pages: int = 50  # per pull
    max_bytes: int = 8_000_000  # per answer, decompressed


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a provider. ``state`` is the connector's own (a cursor, a symbol)."""

    url: str
    asked_at: datetime
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request: a body, or the word that it has not changed since the validators sent."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    not_modified: bool = False  # status 304: ``body`` is empty


@dataclass(frozen=True, slots=True)
class Validators:
    """What a source gave to ask "has it changed?" by (RFC 9110, 8.8), and the question it gave it for."""

    question: str
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None  # SHA-256 of the answer itself: many servers give neither of the others

    def headers(self) -> dict[str, str]:
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one answer held."""

    records: tuple[T, ...]
    rejects: tuple[Reject, ...] = ()
    next: Request | None = None


class Connector(Protocol[R]):
    """One source. Both methods are pure: no clock, no socket."""

    source: str  # stored on every row
    record: type  # of the records it makes: Candle, MarketCap, Indicator or Article
    limits: Limits
    cadence_s: float  # how often it has something new, in seconds: what its lag is measured against

    def first(self, window: Window) -> Request:
        """The first question for this window."""
        ...

    def parse(self, request: Request, body: bytes) -> Page[R]:
        """Read one answer. Raises ``BadAnswer`` when the envelope itself is unusable."""
        ...

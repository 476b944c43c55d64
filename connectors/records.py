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
class Page(Generic[T]):
    """What one answer held."""

    records: tuple[T, ...]
    rejects: tuple[Reject, ...] = ()
    next: Request | None = None


class Connector(Protocol[R]):
    """One source. Both methods are pure: no clock, no socket."""

    source: str  # stored on every row
    record: type  # of the records it makes: Candle, MarketCap or Article
    limits: Limits

    def first(self, window: Window) -> Request:
        """The first question for this window."""
        ...

    def parse(self, request: Request, body: bytes) -> Page[R]:
        """Read one answer. Raises ``BadAnswer`` when the envelope itself is unusable."""
        ...

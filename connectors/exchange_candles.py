"""Closed candles of any exchange in ``exchange_quirks``: which spans to ask for, and what of an answer to keep."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from connectors.answers import excerpt, read_json
from connectors.errors import BadAnswer, Refused
from connectors.exchange_quirks import INTERVAL_S, QUIRKS
from connectors.records import Candle, Limits, Page, Reject, Request, Window


class ExchangeCandles:
    """Closed candles of one symbol ("BTC/USD") at one interval ("1m", "5m", "1h", "1d"), stamped at their open.

    Only bars with ``window.start <= open`` and ``open + interval <= window.end`` come out, in order of time: the
    unfinished bar many exchanges end their answer with is left out here and nowhere else, uncounted because it
    is no data yet. What becomes of a bar in which nothing traded is ``idle`` of the exchange's row of ``QUIRKS``:
    it is missing, or repeats the last price with volume 0 and is kept as sent. None is ever invented, so that a
    gap stays a gap.

    Pages are spans of time, back to the exchange's first bar, and each is asked for with its end: an exchange
    that answers with the newest bars first would otherwise leave out the middle. ``daily`` is how to find that
    first bar: a few pages of days over all years hold it.

    **Kraken** gives the newest 720 bars whatever start it is asked for (30 days of 1h, 12 hours of 1m; see
    ccxt#5614): an older part of the window stays empty. ``reach`` says how far back that is. A window
    that lies wholly before them raises ``Refused``, so that the next source of the chain is asked.
    """

    record = Candle

    def __init__(self, source: str, symbol: str, interval: str = "1h") -> None:
        if source not in QUIRKS or interval not in INTERVAL_S:
            raise ValueError(f"no candles of {source!r} at {interval!r}: have {list(QUIRKS)} at {list(INTERVAL_S)}")
        self.source, self.symbol, self.interval = source, symbol, interval
        self.quirks = QUIRKS[source]
        self.limits = Limits(min_interval_s=self.quirks.min_interval_s, max_pages=2_000, max_bytes=16_000_000)
        self.cadence_s = float(INTERVAL_S[interval])
        self.step = timedelta(seconds=INTERVAL_S[interval])
        self.reach = self.quirks.bars * self.step if self.quirks.newest_only else None  # before now; None: all history

    def daily(self) -> ExchangeCandles:
        """The same market by the day: over [2009-01-03, now] its first candle is the exchange's first day.

        On Kraken it is only the first of the days within ``reach``.
        """
        return ExchangeCandles(self.source, self.symbol, "1d")

    def first(self, window: Window) -> Request:
        return self._ask(_ceil(window.start, self.step), window.start, window.end)

    def parse(self, request: Request, body: bytes) -> Page[Candle]:
        """Read ccxt's unified rows, ``[open time in ms, open, high, low, close, volume]``, as JSON.

        Of two different rows for one open time the last is kept, and the other is a reject; equal ones are one.
        Raises ``BadAnswer`` when they are not rows, when not one of them is a candle, or when the exchange
        ignored the span it was asked for; ``Refused`` when the window is out of Kraken's reach.
        """
        rows = read_json(request.url, body)
        if not isinstance(rows, list):
            raise BadAnswer(f"{request.url} gave no list of candles: {excerpt(rows)}")
        start, end = (datetime.fromisoformat(str(request.state[name])) for name in ("start", "end"))
        since, until = _span(request, self.step)
        if self.quirks.newest_only:
            since, until = start, end
        opens: list[datetime] = []
        kept: dict[datetime, tuple[Candle, object]] = {}
        rejects: list[Reject] = []
        for row in rows:
            candle = self._candle(row)
            if candle is None:
                rejects.append(Reject("not a candle on the interval's grid", excerpt(row)))
                continue
            opens.append(candle.open_time)
            if max(start, since) <= candle.open_time < until and candle.open_time + self.step <= end:
                earlier, sent = kept.get(candle.open_time, (candle, row))
                if earlier != candle:
                    rejects.append(Reject("two bars for one open time; the last is kept", excerpt(sent)))
                kept[candle.open_time] = candle, row
        self._check(request, rejects, opens, until)
        candles = tuple(kept[open_time][0] for open_time in sorted(kept))
        return Page(candles, tuple(rejects), self._next(request, start, end))

    def _ask(self, since: datetime, start: datetime, end: datetime) -> Request:
        quirks = self.quirks
        bars = quirks.bars if quirks.newest_only else max(1, min(quirks.bars, (end - since) // self.step))
        return Request(
            f"https://{quirks.host}/",  # ccxt builds the path; the parameters below are its own
            asked_at=end,
            params={
                "symbol": self.symbol,
                "interval": self.interval,
                "since": since.isoformat(),
                "bars": str(bars),
            },
            state={
                "exchange": self.source,
                "since": since.isoformat(),
                "start": start.isoformat(),
                "end": end.isoformat(),
            },
        )

    def _next(self, request: Request, start: datetime, end: datetime) -> Request | None:
        """Pages are spans of time, so that an hour, or a year, without trades doesn't end the pull."""
        if self.quirks.newest_only:
            return None
        _, since = _span(request, self.step)
        return self._ask(since, start, end) if since + self.step <= end else None

    def _candle(self, row: object) -> Candle | None:
        if not isinstance(row, list) or len(row) != 6:
            return None
        if not all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in row):
            return None
        try:
            open_time = datetime.fromtimestamp(row[0] / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return None
        if open_time != _ceil(open_time, self.step):
            return None
        return Candle(self.source, self.symbol, self.interval, open_time, *map(float, row[1:]))

    def _check(self, request: Request, rejects: list[Reject], opens: list[datetime], until: datetime) -> None:
        """Raise for an answer from which bars of the span may be missing without a gap to show for it."""
        asked = f"{request.url} ({self.source} {self.symbol} {self.interval})"
        if rejects and not opens:
            raise BadAnswer(f"{asked} gave {len(rejects)} rows, not one of them a candle: {rejects[0].excerpt}")
        if not opens or (past := sum(open_time >= until for open_time in opens)) == 0:
            return
        if not self.quirks.newest_only and (past == len(opens) or len(opens) >= self.quirks.bars):
            raise BadAnswer(
                f"{asked} was asked for bars before {until:%Y-%m-%d %H:%M} UTC and gave {past} of {len(opens)} from "
                "later: it did not heed the span, so some inside it may be missing. Use another source of the chain."
            )
        if self.quirks.newest_only and past == len(opens):
            raise Refused(
                f"{asked} gives its newest {len(opens)} bars only, from {min(opens):%Y-%m-%d %H:%M} UTC. "
                "Ask another source for this window."
            )


def _span(request: Request, step: timedelta) -> tuple[datetime, datetime]:
    """The open times a page was asked for, half-open."""
    since = datetime.fromisoformat(request.params["since"])
    return since, since + int(request.params["bars"]) * step


def _ceil(instant: datetime, step: timedelta) -> datetime:
    """The first multiple of ``step`` since 1970-01-01 UTC at or after ``instant``."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch - (epoch - instant) // step * step

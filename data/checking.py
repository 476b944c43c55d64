"""Claims set beside what sources recorded for the time they are about.

Call within ``lake.writing()``, after the claims and what they are checked against were merged.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.check_dominance import shares
from analysis.check_drawdown import Peaks, drawdowns
from analysis.check_moves import Horizon, check_move, read_horizon
from analysis.checks import (
    DAY_US,
    LATER_DAYS,
    NO_TIME,
    SECOND_US,
    Record,
    Stated,
    cannot,
    check_record,
    dollars,
    join,
    joined,
    records,
    verdicts,
)
from data import queries
from data.derived import replace_derived
from data.lake import Lake, Snapshot
from data.markets import QUOTES
from data.tables import CLAIM_CHECKS, INTERVAL_S

TOTALS = ("TOTAL", "TOTAL2", "TOTAL3")
CAPS = ("total_market_cap", "asset_market_cap", "dominance")
#: What was recorded up to so long before, and of a bar that ends so long after, is looked at to say what is there.
BACK, AHEAD = pd.Timedelta(days=8), pd.Timedelta(days=1)
#: A longer span is read from coarser bars: they have the same highs and lows.
MAX_BARS_A_SPAN = 3_000
#: Bars kept in memory while the claims of one asset are checked, in order of time: about 60 MB.
KEPT_BARS = 1_000_000
US = pd.Timedelta(1, "us")
HOUR_US = 3600 * SECOND_US
BEFORE_ALL = pd.Timestamp("2009-01-03", tz="UTC")


def refresh_checks(lake: Lake, article_ids: Sequence[str], between: tuple[pd.Timestamp, pd.Timestamp] | None) -> None:
    """Check claims against what sources recorded: of the articles named, and those that prices or market caps over the
    span ``between`` can tell of."""
    snapshot = lake.newest()
    ids = list(article_ids)
    if between is not None:
        ids = list(dict.fromkeys([*ids, *_touched(snapshot, *between)]))
    if not ids:
        return
    # Whole articles: what is not made again here is taken away.
    replace_derived(
        lake, CLAIM_CHECKS, "article_id", ids, check_claims(snapshot, queries.claims_to_check(snapshot, ids))
    )


def _touched(snapshot: Snapshot, first: pd.Timestamp, last: pd.Timestamp) -> Iterable[str]:
    """The articles whose claims need what is recorded within a span."""
    times = queries.claim_times(snapshot, first - AHEAD - pd.Timedelta(days=LATER_DAYS))
    if times.empty:
        return []
    later = times["published_at"].isna() & (times["as_of"] != times["as_of_end"])
    ahead = later.map({True: AHEAD + pd.Timedelta(days=LATER_DAYS), False: AHEAD})
    back = pd.Series(BACK, index=times.index)
    for (quantity, name), group in times.groupby(["quantity", "horizon"], dropna=False):
        if quantity == "drawdown_from_ath":
            back[group.index] = times.loc[group.index, "as_of"] - BEFORE_ALL
        elif quantity == "pct_change" and (horizon := read_horizon(name)):
            back[group.index] = _reach(horizon, times.loc[group.index, "as_of"]) + BACK
    return times.loc[(times["as_of_end"] + ahead >= first) & (times["as_of"] - back <= last), "article_id"].unique()


def _reach(horizon: Horizon, ends: pd.Series) -> pd.Series:
    at = ends.to_numpy("datetime64[us]").astype("int64")
    return pd.Series(pd.to_timedelta(at - horizon.starts(at), unit="us"), index=ends.index)


def check_claims(snapshot: Snapshot, claims: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``claim_checks`` for these claims (``queries.claims_to_check``).

    They are gone through asset by asset and in order of time, so that each series is read once.
    """
    rows: list[dict] = []
    undated = claims["as_of"].isna()
    for claim in claims[undated].itertuples():
        rows += _for_claim(claim, [_nothing("The text does not say for when.")])
    dated = claims[~undated].sort_values("as_of", kind="stable")
    for asset, of_asset in dated.groupby(dated["asset"].fillna("")):
        prices = _Prices(snapshot, asset)
        for _, of_year in of_asset.groupby(of_asset["as_of"].dt.year):
            caps = _Caps(snapshot, asset, of_year)
            for claim in of_year.itertuples():
                rows += _for_claim(claim, _check(claim, prices, caps))
    frame = pd.DataFrame(rows, columns=[*CLAIM_CHECKS.names, "known_us"])
    return frame.assign(known_at=pd.to_datetime(frame["known_us"], unit="us", utc=True).astype("datetime64[us, UTC]"))


def _for_claim(claim: object, found: list[dict]) -> list[dict]:
    end = BEFORE_ALL if pd.isna(claim.as_of_end) else claim.as_of_end
    for row in found:
        row["article_id"], row["offset"] = claim.article_id, claim.offset
        row["known_us"] = max(row.pop("available_at"), end.value // 1000)
    return found


def _nothing(note: str) -> dict:
    return dict.fromkeys(CLAIM_CHECKS.names) | {
        "source": "none",
        "definition": "none",
        "verdict": "cannot check",
        "note": note,
        "available_at": NO_TIME,
    }


def _check(claim: object, prices: _Prices, caps: _Caps) -> list[dict]:
    percent = claim.quantity in ("pct_change", "dominance", "drawdown_from_ath")
    stated = Stated(
        # However the text words it, a drawdown is a fall.
        -abs(claim.value) if claim.quantity == "drawdown_from_ath" else claim.value,
        claim.precision,
        claim.comparator,
        claim.as_of,
        claim.as_of_end,
        open_ended=pd.isna(claim.published_at) and claim.as_of != claim.as_of_end,
        unit="percent" if percent else "USD",
    )
    # Several markets of one price are no universes.
    universes = claim.quantity in CAPS or claim.asset in TOTALS
    if claim.quantity == "pct_change":
        horizon = read_horizon(claim.horizon)
        if horizon is None:
            said = isinstance(claim.horizon, str)
            return [
                _nothing(
                    f"A move over “{claim.horizon}” is not one that can be checked."
                    if said
                    else "The text does not say over how long it moved."
                )
            ]
        found = caps.moves(stated, horizon) if claim.asset in TOTALS else prices.moves(stated, horizon)
    elif claim.quantity == "drawdown_from_ath":
        if claim.asset in TOTALS:
            return [_nothing("The highest total of all time is not among what is recorded.")]
        found = prices.drawdown(stated)
    elif claim.quantity == "price":
        found = prices.price(stated)
    elif claim.quantity == "dominance":
        found = caps.dominance(stated)
    else:
        found = caps.cap(stated)
    return verdicts(found, universes=universes) or [_nothing("Nothing is recorded for that time.")]


class _Prices:
    """The stored bars of an asset's dollar markets, read by partition as claims ask for them."""

    def __init__(self, snapshot: Snapshot, asset: str) -> None:
        self._snapshot, self._asset = snapshot, asset
        self._symbols = [f"{asset}/{quote}" for quote in QUOTES]
        self._parts: OrderedDict[tuple[str, str], list[Record]] = OrderedDict()

    @cached_property
    def _spans(self) -> dict[str, list[tuple[str, int, int]]]:
        """By interval, the partitions that hold bars: name, beginning and end (microseconds)."""
        stored = queries.stored_spans(self._snapshot, self._symbols)
        return {
            interval: [(name, *_bounds(name)) for name in sorted(one["span"].unique())]
            for interval, one in stored.groupby("interval")
        }

    @cached_property
    def _peaks(self) -> Peaks:
        return Peaks(
            self._asset,
            queries.daily_highs(self._snapshot, self._symbols),
            queries.stated_prices(self._snapshot, self._asset),
        )

    def price(self, stated: Stated) -> list[dict]:
        return self._each(stated, (), lambda record: check_record(stated, record))

    def moves(self, stated: Stated, horizon: Horizon) -> list[dict]:
        first, last = horizon.begun(stated.start_us, stated.end_us)
        begun = (first - HOUR_US, last + HOUR_US)
        return self._each(stated, begun, lambda record: check_move(stated, horizon, record))

    def drawdown(self, stated: Stated) -> list[dict]:
        day_us = stated.start_us // DAY_US * DAY_US

        def check(record: Record) -> dict:
            peak = self._peaks.before((record.source, record.definition), day_us)
            if peak.missing:
                return cannot(record, peak.missing)
            row = check_record(stated, drawdowns(record, peak))
            if row["low_percent"] is not None:
                row["note"] += f" The highest price before was {dollars(peak.usd)}, on {peak.day}."
            return row

        return self._each(stated, (day_us, stated.end_us), check)

    def _each(self, stated: Stated, before: tuple[int, int] | tuple[()], check: Callable[[Record], dict]) -> list[dict]:
        """What each market says, by the finest of its intervals that can tell.

        A check is given the bars of the span, and of an earlier span ``before`` it.
        """
        span = (stated.start_us, stated.end_us)
        windows = [span]
        if before:
            apart = before[1] < span[0]
            windows = [before, span] if apart else [(before[0], span[1])]
        found: dict[tuple[str, str], dict] = {}
        for interval, step_s in INTERVAL_S.items():
            if (span[1] - span[0]) / SECOND_US / step_s > MAX_BARS_A_SPAN and interval != "1d":
                continue
            told = {market for market, row in found.items() if row["verdict"] != "cannot check"}
            for market, record in self._bars(interval, windows, told).items():
                if record.end[-1] > span[0]:
                    row = check(record)
                    if market not in found or row["verdict"] != "cannot check":
                        found[market] = row
        return [found[market] for market in sorted(found)]

    def _bars(
        self, interval: str, windows: list[tuple[int, int]], told: set[tuple[str, str]]
    ) -> dict[tuple[str, str], Record]:
        """Bars that lie at least partly within ``windows`` (microseconds, in order), of the markets not in ``told``."""
        parts: dict[tuple[str, str], list[Record]] = {}
        for start_us, end_us in windows:
            for name, begin, end in self._spans.get(interval, []):
                if begin > end_us or end <= start_us:
                    continue
                for record in self._part(interval, name):
                    first = np.searchsorted(record.end, start_us, side="right")
                    last = np.searchsorted(record.start, end_us, side="right")
                    if first < last and (market := (record.source, record.definition)) not in told:
                        parts.setdefault(market, []).append(record.take(slice(first, last)))
        return {market: part[0] if len(part) == 1 else join(part) for market, part in parts.items()}

    def _part(self, interval: str, span: str) -> list[Record]:
        if (interval, span) not in self._parts:
            bars = queries.span_bars(self._snapshot, self._symbols, interval, span)
            self._parts[interval, span] = _bar_records(bars, INTERVAL_S[interval])
            while len(self._parts) > 1 and sum(map(_length, self._parts.values())) > KEPT_BARS:
                self._parts.popitem(last=False)
        self._parts.move_to_end((interval, span))
        return self._parts[interval, span]


def _length(part: list[Record]) -> int:
    return sum(map(len, part))


def _bounds(span: str) -> tuple[int, int]:
    """What a partition of candles covers, in microseconds: "2025-03", "2025" or "all"."""
    if span == "all":
        return 0, np.iinfo("int64").max
    begin = np.datetime64(span)
    return tuple(int(at.astype("datetime64[us]").astype("int64")) for at in (begin, begin + 1))


def _bar_records(bars: pd.DataFrame, step_s: int) -> list[Record]:
    """One record a market, of bars that come market by market."""
    if bars.empty:
        return []
    names = bars[["source", "symbol"]]
    first = np.flatnonzero((names != names.shift()).any(axis=1))
    start = bars["open_us"].to_numpy("int64")
    end = start + step_s * SECOND_US
    prices = [bars[name].to_numpy("float64") for name in ("open", "low", "high", "close")]
    every = Record("", "", start, end, *prices, np.full(len(bars), step_s), end)
    return [
        replace(every.take(slice(i, j)), source=names["source"].iloc[i], definition=names["symbol"].iloc[i])
        for i, j in zip(first, [*first[1:], len(bars)], strict=True)
    ]


class _Caps:
    """The stored market caps of an asset, and the total, around the time of some claims."""

    def __init__(self, snapshot: Snapshot, asset: str, claims: pd.DataFrame) -> None:
        self._snapshot, self._asset = snapshot, asset
        first = claims["as_of"].min()
        horizons = [horizon for name in claims["horizon"].unique() if (horizon := read_horizon(name))]
        begun = min((horizon.begun(first.value // 1000, 0)[0] for horizon in horizons), default=first.value // 1000)
        self._first = min(pd.Timestamp(max(begun, BEFORE_ALL.value // 1000), unit="us", tz="UTC"), first) - BACK
        self._last = claims["as_of_end"].max() + AHEAD + pd.Timedelta(days=LATER_DAYS)

    def _stored(self, asset: str) -> pd.DataFrame:
        return queries.caps_within(self._snapshot, asset, self._first, self._last)

    @cached_property
    def _own(self) -> pd.DataFrame:
        return self._stored(self._asset)

    @cached_property
    def _records(self) -> list[Record]:
        return records(_cap_observations(self._own))

    @cached_property
    def _shared(self) -> dict[tuple[str, str], str]:
        """Where several coins share the symbol: which (source, definition), and why that cannot be checked."""
        coins = self._own.dropna(subset="asset_id").groupby(["source", "definition"])["asset_id"].unique()
        return {
            series: f"Several coins are called {self._asset} there: {joined(sorted(names)[:3])}."
            for series, names in coins.items()
            if len(names) > 1
        }

    @cached_property
    def _shares(self) -> list[Record]:
        own = self._own
        alone = [series not in self._shared for series in zip(own["source"], own["definition"], strict=True)]
        return records(shares(own[alone], self._stored("TOTAL"))) if len(own) else []

    def cap(self, stated: Stated) -> list[dict]:
        return self._each(stated, self._records, lambda record, near: check_record(stated, near))

    def dominance(self, stated: Stated) -> list[dict]:
        return self._each(stated, self._shares, lambda record, near: check_record(stated, near))

    def moves(self, stated: Stated, horizon: Horizon) -> list[dict]:
        begin = horizon.begun(stated.start_us, stated.end_us)[0] - DAY_US

        def check(record: Record, near: Record) -> dict:
            return check_move(stated, horizon, record.between(begin, int(near.end[-1])))

        return self._each(stated, self._records, check)

    def _each(self, stated: Stated, series: list[Record], check: Callable[[Record, Record], dict]) -> list[dict]:
        """What each series says that holds anything about that time; a check is given all of it, and the part near."""
        first = stated.start_us - BACK // US
        last = stated.end_us + (AHEAD + pd.Timedelta(days=LATER_DAYS if stated.open_ended else 0)) // US
        found = []
        for record in series:
            near = record.between(first, last)
            if len(near):
                shared = self._shared.get((record.source, record.definition))
                found.append(cannot(record, shared) if shared else check(record, near))
        return found


def _cap_observations(caps: pd.DataFrame) -> pd.DataFrame:
    bars = caps["low_usd"].notna() & caps["high_usd"].notna()
    length = pd.to_timedelta(caps["resolution_s"].where(bars, 0), unit="s")
    return pd.DataFrame(
        {
            "source": caps["source"],
            "definition": caps["definition"],
            "start": caps["period_end"] - length,
            "end": caps["period_end"],
            "open": caps["open_usd"].where(bars),
            "low": caps["low_usd"].where(bars, caps["market_cap_usd"]),
            "high": caps["high_usd"].where(bars, caps["market_cap_usd"]),
            "value": caps["market_cap_usd"],
            "resolution_s": caps["resolution_s"],
            "available_at": caps["available_at"],
        }
    )

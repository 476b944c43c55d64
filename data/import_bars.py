"""What other programs' bar files share: epoch stamps in any unit, bar lengths, joined symbols, the bar still open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from connectors.records import Reject
from data.import_files import LINE, BadFile, Part, at_line
from data.tables import INTERVAL_S

_EPOCH = re.compile(r"(\d{10}|\d{13}|\d{16})(?:\.0*)?", re.A)
#: By its digits: seconds, milliseconds or microseconds since 1970. Ten digits reach from 2001 to 2286.
_PER_SECOND = {10: 1, 13: 1_000, 16: 1_000_000}
_LENGTH = re.compile(r"(\d*) ?([a-zA-Z]*)")
_UNIT_S = {"s": 1, "m": 60, "": 60, "h": 3600, "d": 86_400, "w": 604_800}
#: Currencies that exchanges quote in, as symbols written in one word end.
QUOTES = re.findall(
    r"\S+",
    "USDT USDC FDUSD BUSD TUSD USDP USDS USD1 DAI PAX VAI IDRT BIDR BKRW BVND EURI AEUR XUSD "
    "USD EUR GBP JPY TRY BRL AUD CAD CHF RUB UAH NGN ZAR PLN RON ARS MXN CZK COP KRW IDR "
    "BTC ETH BNB TRX XRP DOGE DOT SOL",
)


def epoch_us(cell: object) -> int | None:
    """An epoch stamp in microseconds; None for what is none. Its digits tell its unit, so a column may mix them."""
    match = _EPOCH.fullmatch(str(cell).strip())
    return int(match[1]) * (1_000_000 // _PER_SECOND[len(match[1])]) if match else None


def instants(us: Iterable[int | None], index: pd.Index) -> pd.Series:
    """Microseconds since 1970 as instants; NaT for None."""
    counted = pd.Series(us, index=index, dtype="Int64")
    return pd.to_datetime(counted, unit="us", utc=True).astype("datetime64[us, UTC]")


def refused(frame: pd.DataFrame, faults: Sequence[str | None]) -> tuple[pd.Series, tuple[Reject, ...]]:
    """Which rows of a file have no fault, and a reject for each of the others, as the line stands."""
    good = pd.Series([fault is None for fault in faults], index=frame.index, dtype=bool)
    told = zip((fault for fault in faults if fault), frame[~good].itertuples(index=False, name=None), strict=True)
    return good, tuple(Reject(fault, at_line(row[0], ",".join(map(str, row[1:])))) for fault, row in told)


def length_s(text: str) -> int:
    """A bar's length as programs write it: 1h, 1D, 4H, 1W; a plain number counts minutes.

    ``1M`` is a month and has no length of its own; 1m is a minute. Raises ValueError for what is no length.
    """
    match = _LENGTH.fullmatch(text.strip())
    count, unit = match.groups() if match else ("", "?")
    unit = unit if unit == "M" else unit.lower()
    if unit not in _UNIT_S or not (count or unit) or count == "0":
        raise ValueError(f"{text!r} is no bar length; write 1m, 5m, 1h, 4h, 1d or 1w.")
    return int(count or 1) * _UNIT_S[unit]


def candle_interval(text: str) -> str:
    """The name ``candles`` has for a length. Raises ValueError where it keeps no such bars."""
    wanted = length_s(text)
    for name, seconds in INTERVAL_S.items():
        if seconds == wanted:
            return name
    raise ValueError(f"Bars of {text} are not kept, only {', '.join(INTERVAL_S)}; bring 1m bars and they are built.")


def spacing_s(opens: pd.Series, stated_s: int | None, path: Path) -> int:
    """The length of a file's bars in seconds: as stated, else the step that most of its rows keep.

    Raises BadFile where rows lie closer than the stated length, or no one step stands out.
    """
    steps = opens.dropna().drop_duplicates().sort_values().diff().dropna().dt.total_seconds()
    smallest = steps.min() if len(steps) else None
    if stated_s:
        if smallest and smallest < stated_s:
            raise BadFile(f"{path} has rows {smallest:,.0f} s apart; its bars are said to be {stated_s:,} s long.")
        return stated_s
    if smallest is None or (steps == smallest).mean() <= 0.5 or (steps % smallest).any():
        raise BadFile(f"{path}: its rows do not show how long a bar is; say so with --interval, such as 1d.")
    return int(smallest)


def joined(symbol: str) -> str | None:
    """``BTCUSDT`` as ``BTC/USDT``; None where no known currency ends it."""
    symbol = symbol.upper()
    for separator in "/-_":
        base, found, quote = symbol.partition(separator)
        if found:
            return f"{base}/{quote}" if base and quote else None
    ends = [quote for quote in QUOTES if symbol.endswith(quote) and symbol != quote]
    longest = max(ends, key=len, default=None)
    return f"{symbol.removesuffix(longest)}/{longest}" if longest else None


def leave_out_unfinished(frame: pd.DataFrame, ends: pd.Series, now: datetime) -> Part:
    """The rows whose bar had closed by ``now``.

    The newest bar of an export is usually still open: it is left out, and said. Any other that ends later than now
    is refused.
    """
    late = ends > pd.Timestamp(now)
    if not late.any():
        return Part(frame)
    newest = (ends == ends[late].min()) & late
    others = late & ~newest
    rejects = tuple(
        Reject("the bar is not closed yet", at_line(line, f"it ends at {end.isoformat()}"))
        for line, end in zip(frame.loc[others, LINE], ends[others], strict=True)
    )
    lines = ", ".join(str(line) for line in frame.loc[newest, LINE])
    return Part(frame[~late], rejects, f"left out the bar of line {lines}: it ends at {ends[newest].iloc[0]:%F %R} UTC")

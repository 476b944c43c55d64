"""CryptoDataDownload's CSV files: an address, a header, then bars, the newest first.

Header ``Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount`` in either case; older files have no
``Unix``, and some no trade count. ``Unix`` is seconds or milliseconds, both within one file in some; ``Date`` is UTC,
as ``2020-01-01 13:00:00``, ``2020-01-01 01-PM`` or ``2020-01-01``. The file's name states exchange, symbol and
interval: ``Binance_BTCUSDT_1h.csv``, ``Bitstamp_BTCUSD_d.csv``, ``Gemini_ETHUSD_2020_1min.csv``.
https://www.cryptodatadownload.com/data/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import pandas as pd

from data.import_bars import candle_interval, epoch_us, instants, joined, leave_out_unfinished, refused
from data.import_files import LINE, BadFile, Part, Sheet
from data.tables import INTERVAL_S

PRICES = ("open", "high", "low", "close")
_NAME = re.compile(r"(?P<source>[A-Za-z]+)_(?P<symbol>[A-Za-z0-9]+)_(?:\d{4}_)?(?P<every>[A-Za-z0-9]+)")
_INTERVALS = {"d": "1d", "day": "1d", "daily": "1d", "1hr": "1h", "hourly": "1h", "minute": "1m", "1min": "1m"}
_DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %I-%p", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S.%f")


def recognises(sheet: Sheet) -> bool:
    lower = [name.lower() for name in sheet.columns]
    return {"date", "symbol", *PRICES} <= set(lower) and any(name.startswith("volume") for name in lower)


def parts(sheet: Sheet, given: Mapping[str, str], now: datetime) -> Iterator[Part]:
    """Rows of ``candles``. ``given``: source, symbol, interval; they win over the file's name and its symbols.

    Raises BadFile where source, symbol, interval or the column of the base volume is not to be known.
    """
    lower = {name.lower(): name for name in reversed(sheet.columns)}
    named = _NAME.match(sheet.path.name)
    source = given.get("source") or (named["source"].lower() if named else None)
    every = given.get("interval") or (_INTERVALS.get(named["every"], named["every"]) if named else None)
    if not (source and every):
        raise BadFile(f"{sheet.path}: give --source and --interval, or keep a name like Binance_BTCUSDT_1h.csv.")
    try:
        interval = candle_interval(every)
    except ValueError as error:
        raise BadFile(f"{sheet.path}: {error}") from error
    stamp = next((lower[name] for name in lower if name.startswith("unix")), None)
    symbol = volume = letters = None
    for part in sheet.parts:
        frame, notes = part.frame, []
        traded = frame[lower["symbol"]].map(_letters)
        if symbol is None and len(frame):
            letters = traded.iloc[0]
            symbol = given.get("symbol") or _symbol(str(frame[lower["symbol"]].iloc[0]), sheet)
            volume = _base_volume(symbol, sheet, lower)
            notes = [f"{source} {symbol}, {interval} bars; volume is “{volume}”"]
        opens, faults = _opens(frame, stamp, lower["date"])
        faults = [
            fault or (None if own == letters else f"another symbol than the first line's, {letters}")
            for fault, own in zip(faults, traded, strict=True)
        ]
        good, rejects = refused(frame, faults)
        rows = frame[[LINE]].assign(
            source=source,
            symbol=symbol,
            interval=interval,
            open_time=opens,
            **{name: frame[lower[name]] for name in PRICES},
            volume=frame[volume],
        )[good]
        finished = leave_out_unfinished(rows, rows["open_time"] + pd.Timedelta(seconds=INTERVAL_S[interval]), now)
        notes += [finished.note] if finished.note else []
        yield replace(
            finished, rejects=(*part.rejects, *rejects, *finished.rejects), note="; ".join(notes) if notes else None
        )


def _letters(symbol: object) -> str:
    return re.sub(r"[^A-Z0-9]", "", str(symbol).upper())


def _symbol(written: str, sheet: Sheet) -> str:
    """With a stroke between base and quote: where the volume columns say so, else where a known currency begins."""
    for name in sheet.columns:
        base = name[len("volume") :].strip().upper() if name.lower().startswith("volume ") else ""
        if base and _letters(written).startswith(base) and _letters(written) != base:
            return f"{base}/{_letters(written).removeprefix(base)}"
    symbol = joined(written.strip())
    if symbol is None:
        raise BadFile(f"{sheet.path}: base and quote of {written!r} are not clear; give --symbol, such as BTC/USDT.")
    return symbol


def _base_volume(symbol: str, sheet: Sheet, lower: Mapping[str, str]) -> str:
    base = symbol.partition("/")[0]
    name = lower.get(f"volume {base.lower()}") or lower.get("volume")
    if name is None:
        raise BadFile(f"{sheet.path} has no column Volume {base}; which of its volumes counts {base} is not clear.")
    return name


def _opens(frame: pd.DataFrame, stamp: str | None, date: str) -> tuple[pd.Series, list[str | None]]:
    """When each bar opens, and why that is not to be known. Where a line states it twice, both must agree."""
    text = frame[date].map(str)
    dated = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
    for form in _DATES:
        dated = dated.fillna(pd.to_datetime(text, format=form, errors="coerce", utc=True).astype(dated.dtype))
    if stamp is None:
        return dated, [None if known else "the date is not as CryptoDataDownload writes it" for known in dated.notna()]
    opens = instants((epoch_us(cell) for cell in frame[stamp]), frame.index)
    told = opens.where(text.str.strip().str.len() > len("2020-01-01"), opens.dt.floor("D"))
    apart = dated.notna() & (dated != told)
    return opens, [
        f"{stamp} must be seconds or milliseconds since 1970"
        if unknown
        else f"{stamp} and {date} are two times"
        if two
        else None
        for unknown, two in zip(opens.isna(), apart, strict=True)
    ]

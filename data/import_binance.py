"""Binance's public archive: klines as CSV or zip from data.binance.vision.

Twelve columns, in older files without a line that names them; ``close_time`` is the last instant of the bar. Stamps
are milliseconds since 1970, in spot files of 2025 and later microseconds; a stamp's digits tell. The file's name states
symbol and interval: ``BTCUSDT-1m-2025-01.zip``. https://github.com/binance/binance-public-data

Files of the futures archives look the same: give ``--source`` for those. COIN-M futures count volume in contracts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from data.import_bars import candle_interval, epoch_us, instants, joined, refused
from data.import_files import LINE, BadFile, Part, Sheet
from data.tables import INTERVAL_S

COLUMNS = (
    *("open_time", "open", "high", "low", "close", "volume", "close_time"),
    *("quote_volume", "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore"),
)
_NAME = re.compile(r"(?P<symbol>[A-Z0-9]+)-(?P<interval>\d+(?:s|m|h|d|w|mo))-\d{4}-\d{2}")


def recognises(sheet: Sheet) -> bool:
    return {"open_time", "close_time", "open", "high", "low", "close", "volume"} <= set(sheet.columns) and (
        len(sheet.columns) == len(COLUMNS)
    )


def parts(sheet: Sheet, given: Mapping[str, str], now: datetime) -> Iterator[Part]:
    """Rows of ``candles``. ``given``: symbol, interval, source; they win over the file's name.

    Raises BadFile where symbol or interval is not to be known, or such bars are not kept.
    """
    named = _NAME.search(sheet.path.name)
    symbol = given.get("symbol") or (joined(named["symbol"]) if named else None)
    if symbol is None:
        raise BadFile(f"{sheet.path}: base and quote currency are not clear; give --symbol, such as BTC/USDT.")
    every = given.get("interval") or (named["interval"] if named else None)
    if every is None:
        raise BadFile(f"{sheet.path}: how long is a bar? Give --interval, such as 1m.")
    try:
        interval = candle_interval(every)
    except ValueError as error:
        raise BadFile(f"{sheet.path}: {error}") from error
    source = given.get("source", "binance")
    told = f"{source} {symbol}, {interval} bars"
    for n, part in enumerate(sheet.parts):
        frame = part.frame
        faults = [
            _fault(opens, closes, INTERVAL_S[interval])
            for opens, closes in zip(frame["open_time"], frame["close_time"], strict=True)
        ]
        good, rejects = refused(frame, faults)
        frame = frame.loc[good, [LINE, *COLUMNS[:6]]]
        opens = instants((epoch_us(cell) for cell in frame["open_time"]), frame.index)
        yield Part(
            frame.assign(source=source, symbol=symbol, interval=interval, open_time=opens),
            (*part.rejects, *rejects),
            told if n == 0 else None,
        )


def _fault(opens: object, closes: object, step_s: int) -> str | None:
    """Why these two stamps are not those of one bar."""
    begin, end = epoch_us(opens), epoch_us(closes)
    if begin is None or end is None:
        return "open_time and close_time must be milliseconds (13 digits) or microseconds (16 digits)"
    smallest = 1_000 if len(str(closes).strip().partition(".")[0]) == 13 else 1
    if end != begin + step_s * 1_000_000 - smallest:
        return "close_time is not the last instant of a bar of this length"
    return None

"""TradingView's "Export chart data": market caps of CRYPTOCAP symbols as bars.

Columns ``time,open,high,low,close``, then one a plot of the chart. ``time`` is the bar's open, written as the export
dialog was told: seconds since 1970, or ISO 8601 in the chart's zone. The file is named after the chart, such as
``CRYPTOCAP_TOTAL, 1D.csv``, with a suffix where the site or a browser adds one; a plain number counts minutes.
https://www.tradingview.com/support/solutions/43000537255-how-to-export-chart-data/

CRYPTOCAP:TOTAL counts the top 125 coins; TOTAL2 leaves Bitcoin out, TOTAL3 Ethereum too. A symbol that ends in
``.D`` is dominance, in percent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import pandas as pd

from data.import_bars import epoch_us, instants, leave_out_unfinished, length_s, spacing_s
from data.import_files import LINE, BadFile, Part, Sheet

PRICES = {"open": "open_usd", "high": "high_usd", "low": "low_usd", "close": "market_cap_usd"}
TOTALS = ("TOTAL", "TOTAL2", "TOTAL3")
_NAME = re.compile(
    r"^CRYPTOCAP[_:](?P<asset>[A-Z0-9]+(?:\.[A-Z]+)?)(?:, ?(?P<every>\d+[SHDWM]?|[SHDWM])(?![A-Za-z0-9]))?"
)


def recognises(sheet: Sheet) -> bool:
    return {"time", *PRICES} <= set(sheet.columns) and "market_cap_usd" not in sheet.columns


def parts(sheet: Sheet, given: Mapping[str, str], now: datetime) -> Iterator[Part]:
    """Rows of ``market_caps``. ``given``: asset, definition, source, interval; they win over the file's name.

    Raises BadFile where the symbol, the universe or the bars' length is not to be known, where times have no zone,
    and for dominance.
    """
    if twice := {"time", *PRICES} & set(sheet.repeated):
        raise BadFile(f"{sheet.path} names a column twice: {', '.join(sorted(twice))}.")
    asset, definition, step_s = _series(sheet, given)
    plots = [name for name in sheet.columns if name not in ("time", *PRICES)]
    for n, part in enumerate(sheet.parts):
        frame, notes = part.frame, []
        opens = instants((_us(cell) for cell in frame["time"]), frame.index)
        if n == 0:
            _refuse_other_units(sheet, frame)
            step_s = spacing_s(opens, step_s, sheet.path)
            notes = [f"{asset}, {definition}: bars of {step_s:,} s, stamped at their open"]
            notes += [f"columns left out: {', '.join(plots)}"] if plots else []
        ends = opens + pd.Timedelta(seconds=step_s)
        rows = frame[[LINE, "time"]].assign(
            source=given.get("source", "tradingview"),
            definition=definition,
            asset=asset,
            period_end=ends,
            available_at=ends,
            resolution_s=step_s,
            **{ours: frame[theirs] for theirs, ours in PRICES.items()},
        )
        finished = leave_out_unfinished(rows, ends, now)
        notes += [finished.note] if finished.note else []
        yield replace(finished, rejects=(*part.rejects, *finished.rejects), note="; ".join(notes) or None)


def _series(sheet: Sheet, given: Mapping[str, str]) -> tuple[str, str, int | None]:
    named = _NAME.match(sheet.path.name)
    asset = given.get("asset") or (named["asset"] if named else None)
    if asset is None:
        raise BadFile(
            f"{sheet.path}: which symbol is it? Give --asset, such as TOTAL, or keep TradingView's file name "
            "(CRYPTOCAP_TOTAL, 1D.csv)."
        )
    if asset.endswith(".D"):
        raise BadFile(f"{sheet.path} is dominance, in percent; market caps are in dollars: export CRYPTOCAP:TOTAL.")
    definition = given.get("definition") or ("top-125" if asset in TOTALS else None)
    if definition is None and asset.startswith(("TOTAL", "OTHERS")):
        raise BadFile(f"{sheet.path}: {asset} counts a universe of its own; name it with --definition.")
    every = given.get("interval") or (named["every"] if named else None)
    try:
        return asset, definition or "asset", length_s(every) if every else None
    except ValueError as error:
        raise BadFile(f"{sheet.path}: {error}") from error


def _us(cell: object) -> int | None:
    """A bar's open in microseconds since 1970; None where it is no instant."""
    if (us := epoch_us(cell)) is not None:
        return us
    try:
        at = datetime.fromisoformat(str(cell).strip())
    except ValueError:
        return None
    return None if at.tzinfo is None else round(at.timestamp() * 1_000_000)


def _refuse_other_units(sheet: Sheet, frame: pd.DataFrame) -> None:
    first = str(frame["time"].iloc[0]) if len(frame) else ""
    if first[:1].isdigit() and _us(first) is None:
        raise BadFile(
            f"{sheet.path}: its times, such as {first}, have no zone. Export the chart again with the time format "
            "“UNIX timestamp”, or “ISO time” with a time of day and an offset."
        )
    values = pd.to_numeric(frame["close"], errors="coerce")
    if len(values) and values.max() <= 100:
        raise BadFile(f"{sheet.path} has no value above 100: percentages, such as dominance, are no market caps.")

"""The Market page's chart: totals, how far providers are apart, dominance, mood; and the sentence that says it.

Frames in, ``payload.Chart`` out. No Streamlit, no lake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, pairwise

import numpy as np
import pandas as pd

from dashboard import words
from dashboard.chart.payload import Band, Chart, Line, Panel, cut
from dashboard.timeline_chart import OTHER_COLOURS, Look, is_log, looks
from data.market_page import SERIES, SHARED, Market
from data.series import MOST
from data.view import View

#: Names of lines are texts from outside: longer ones are cut.
MOST_NAME = 40
#: Height of a panel of which nothing at all is stored: room for the sentence that says so.
EMPTY_PX = 34
#: Why nothing at all of a panel is stored, and what to do.
NOT_STORED = {
    "total": "None stored: “newstape refresh --source total-market-cap”",
    "apart": "Never two providers at one instant so far: refresh or import another",
    "others": "None stored: “newstape refresh --source asset-caps” computes them",
    **dict.fromkeys(SHARED, "No source has its cap and a total: “newstape refresh --source total-market-cap”"),
    "mood": "None stored: “newstape refresh --source fear-and-greed”",
}
NOT_HERE = "None in this range: widen it"


@dataclass(frozen=True)
class Shown:
    """``Market``'s series within a range: lines of totals and of dominance by asset, and frames."""

    totals: Mapping[str, Sequence[Line]]
    dominance: Mapping[str, Sequence[Line]]
    band: pd.DataFrame
    mood: pd.DataFrame
    span_s: int  # the longest span that one value stands for; 0: every value is drawn


def shown(market: Market, start: pd.Timestamp, end: pd.Timestamp) -> Shown:
    named = market.totals.newest[["source", "definition"]].itertuples(index=False, name=None)
    look = looks(sorted({*named}))
    totals, dominance, band, mood = (
        series.within(start, end) for series in (market.totals, market.dominance, market.band, market.mood)
    )
    span_s = max((int(frame["span_s"].max()) for frame in (totals, dominance, band, mood) if len(frame)), default=0)
    return Shown(_lines(totals, "market_cap_usd", look), _lines(dominance, "dominance", look), band, mood, span_s)


def chart(market: Market, view: View) -> Chart:
    """All panels over the view's range. A line's colour belongs to its source and definition, in every panel."""
    drawn = shown(market, view.start, view.end)
    first, last = market.extent or (view.start, view.end)
    panels = {
        "total": _total(drawn, view),
        "apart": _apart(drawn),
        "others": _others(drawn, view),
        **{asset: _dominance(drawn, asset) for asset in SHARED},
        "mood": _mood(drawn),
    }
    stored = _stored(market)
    return Chart(
        [
            replace(panel, empty=NOT_HERE) if stored[name] else replace(panel, empty=NOT_STORED[name], height=EMPTY_PX)
            for name, panel in panels.items()
        ],
        view.start,
        view.end,
        first,
        last,
        summary(drawn, view),
        zone=view.zone,
        zone_name=words.zones_told(view.zone, view.start, view.end),
        zone_names=words.zone_names(view.zone, view.start, view.end),
        known_at=view.known_at,
    )


def _stored(market: Market) -> dict[str, bool]:
    """What anything at all is known of: a panel's height must not depend on the range."""
    totals = market.totals.newest["asset"]
    return {
        "total": bool((totals == "TOTAL").any()),
        "apart": len(market.band) > 0,
        "others": bool(totals.isin(["TOTAL2", "TOTAL3"]).any()),
        **{asset: bool((market.dominance.newest["asset"] == asset).any()) for asset in SHARED},
        "mood": len(market.mood) > 0,
    }


def summary(drawn: Shown, view: View) -> str:
    """One sentence for those who do not see the chart, and for all under it."""
    parts = [words.period(view.start, view.end, view.zone)]
    moved = [
        f"{line.name} from {words.usd(_first(line))} to {words.usd(_last(line))}" for line in drawn.totals["TOTAL"]
    ]
    parts.append(f"total market cap: {', '.join(moved) or 'nothing stored for this range'}")
    if len(drawn.band):
        low, high = 100 * drawn.band["spread"].min(), 100 * drawn.band["spread"].max()
        parts.append(f"providers {low:.1f} to {high:.1f} % apart where two or more are current")
    if shares := [f"{_last(line):.1f} % ({line.name})" for line in drawn.dominance["BTC"]]:
        parts.append(f"Bitcoin dominance at the end {', '.join(shares)}")
    if len(drawn.mood):
        last = drawn.mood.sort_values("period_end", kind="stable").iloc[-1]
        word = f", “{cut(str(last['label']), MOST_NAME)}”" if pd.notna(last["label"]) else ""
        parts.append(f"Fear & Greed at the end {last['value']:.0f}{word} ({last['source']})")
    if drawn.span_s:
        parts.append(f"of a line with more than {MOST} values the last of each {words.span(drawn.span_s)} is drawn")
    return "; ".join(parts) + "."


# ── panels ────────────────────────────────────────────────────────────────────────────────────────────


def _total(drawn: Shown, view: View) -> Panel:
    lines = drawn.totals["TOTAL"]
    log = is_log(view, [line.frame["value"] for line in lines])
    bands = [Band("lowest to highest provider", run, "grey") for run in _runs(drawn.band)]
    return Panel(f"Total market cap, USD{' (log)' if log else ''}", [*bands, *lines], log=log, height=170)


def _apart(drawn: Shown) -> Panel:
    frame = _points(drawn.band["at"], 100 * drawn.band["spread"])
    step = _step(drawn.band) if len(frame) else None
    line = Line("highest over lowest total", frame, "grey", step)
    note = ""
    if len(frame):
        last = drawn.band.iloc[-1]
        note = f"last: {cut(last['high_of'], MOST_NAME)} over {cut(last['low_of'], MOST_NAME)}"
    return Panel("Disagreement", [line], unit="percent", height=64, note=note)


def _others(drawn: Shown, view: View) -> Panel:
    lines = []
    for asset, colour in (("TOTAL2", "teal"), ("TOTAL3", "pink")):
        for n, line in enumerate(drawn.totals[asset]):
            lines.append(Line(f"{asset} {line.name}", line.frame, colour, line.step_s, dash=n > 0))
    log = is_log(view, [line.frame["value"] for line in lines])
    title = f"TOTAL2, TOTAL3, USD{' (log)' if log else ''}"
    return Panel(title, lines, log=log, height=104)


def _dominance(drawn: Shown, asset: str) -> Panel:
    return Panel(f"{asset} dominance", drawn.dominance[asset], unit="percent", height=74)


def _mood(drawn: Shown) -> Panel:
    lines = [
        Line(cut(str(source), MOST_NAME), _points(own["period_end"], own["value"]), colour, _step(own))
        for (source, own), colour in zip(drawn.mood.groupby("source"), cycle(OTHER_COLOURS), strict=False)
    ]
    return Panel("Fear & Greed", lines, unit="index", height=74, note="0 extreme fear, 100 extreme greed")


def _lines(frame: pd.DataFrame, column: str, look: Mapping[tuple[str, str], Look]) -> dict[str, list[Line]]:
    """By asset a line for each source and definition."""
    lines = defaultdict(list)
    at, values = pd.DatetimeIndex(frame["period_end"]), frame[column].to_numpy(float)
    steps = np.maximum(frame["resolution_s"].to_numpy(), frame["span_s"].to_numpy())
    series = frame.groupby(list(SERIES), observed=True).indices
    for source, definition, asset in sorted(series):
        places, drawn = series[source, definition, asset], look[source, definition]
        name = cut(f"{source} {definition}", MOST_NAME)
        points = _points(at[places], values[places])
        lines[asset].append(Line(name, points, drawn.colour, int(steps[places].max()), dash=drawn.dash))
    return lines


def _points(at: pd.Series | pd.DatetimeIndex, values: pd.Series | np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"at": at, "value": values})


def _first(line: Line) -> float:
    return line.frame["value"].iloc[0]


def _last(line: Line) -> float:
    return line.frame["value"].iloc[-1]


def _step(series: pd.DataFrame) -> int:
    """The spacing up to which points are joined: that of the coarsest of them."""
    return int(max(series["resolution_s"].to_numpy().max(), series["span_s"].to_numpy().max()))


def _runs(band: pd.DataFrame) -> Sequence[pd.DataFrame]:
    """The band in pieces: where no two providers are current for longer than their spacing, there is none."""
    if band.empty:
        return []
    apart_s = band["at"].diff().dt.total_seconds().to_numpy()
    cuts = np.flatnonzero(apart_s > 1.5 * band[["resolution_s", "span_s"]].max(axis=1).to_numpy())
    pieces = [band.iloc[first:last] for first, last in pairwise([0, *cuts, len(band)])]
    return [piece.rename(columns={"low_usd": "low", "high_usd": "high"}) for piece in pieces if len(piece) > 1]

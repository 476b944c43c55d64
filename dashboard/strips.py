"""Gap strips: where a price series has bars, where nothing was traded, and where there are none, and why.

Frames in, frames or a figure out. No Streamlit, no lake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import words
from dashboard.figures import DOWN, GRID, OTHER_DEFINITION, UP, escape, naive

PRESENT, IDLE, MISSING, NEVER = "present", "idle", "missing", "never asked"
#: In the order of the legend and of drawing: what lacks lies over what is there.
STATES = (PRESENT, IDLE, MISSING, NEVER)
#: Height and pattern tell the states apart without their colours.
_LOOKS = {
    PRESENT: {"width": 0.66, "marker": {"color": UP}},
    IDLE: {"width": 0.22, "marker": {"color": UP}},
    MISSING: {"width": 0.9, "marker": {"color": DOWN}},
    NEVER: {
        "width": 0.66,
        "marker": {
            "color": "rgba(128,128,128,0.12)",
            "line": {"color": OTHER_DEFINITION, "width": 1},
            "pattern": {"shape": "/", "size": 6, "fgcolor": OTHER_DEFINITION, "solidity": 0.25},
        },
    },
}
#: What is shorter than this share of the axis is drawn that long, so that it is seen.
LEAST = 1 / 500
ROW_PX = 26
SECOND = 1_000_000  # microseconds
#: An exchange that stands still comes back within days.
LONGEST_STANDSTILL = 7 * 86_400 * SECOND
_COLUMNS = ["state", "start", "end", "bars"]


def spans(runs: pd.DataFrame, asked: pd.DataFrame, step_s: int) -> pd.DataFrame:
    """What is known of one series, from the first to the last time it was asked for or has a bar.

    ``runs``: ``data.queries.bar_runs``. ``asked``: ``start``, ``end`` of what its sources were asked for, in order and
    apart. Between two bars that no run of a source covers, of an import or the sample, up to a week counts as asked
    for: exchanges stood still for hours and days; what is longer lies between two files. Returns ``state``, ``start``,
    ``end`` and ``bars`` (stored, or how many would fit), oldest first. No span is shorter than one bar: a bar that is
    not closed yet is missed by nobody.
    """
    step = step_s * SECOND
    begin, end = _us(asked["start"]), _us(asked["end"])
    begin, end = -(-begin // step) * step, end // step * step
    windows = np.stack([begin, end], axis=1)[begin < end]
    stored = runs.assign(state=np.where(runs["idle"], IDLE, PRESENT))[_COLUMNS]
    lacking = _lacking(_holes(_us(stored["start"]), _us(stored["end"]), windows), windows, step)
    known = [frame for frame in (stored, lacking) if len(frame)]
    return pd.concat(known).sort_values("start", ignore_index=True) if known else stored


def _us(at: pd.Series) -> np.ndarray:
    return at.astype("datetime64[us, UTC]").astype("int64").to_numpy()


def _holes(starts: np.ndarray, ends: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Spans without a bar, a row each: between runs of bars, and out to the ends of what was asked for."""
    if len(starts) == 0:
        return np.array([[windows[0, 0], windows[-1, 1]]]) if len(windows) else np.empty((0, 2), dtype="int64")
    first, last = (windows[0, 0], windows[-1, 1]) if len(windows) else (starts[0], ends[-1])
    holes = np.stack([np.r_[first, ends], np.r_[starts, last]], axis=1)
    return holes[holes[:, 0] < holes[:, 1]]


def _lacking(holes: np.ndarray, windows: np.ndarray, step: int) -> pd.DataFrame:
    """Each hole with its reason, cut where what was asked for begins and ends."""
    start, end = holes.T
    covered = _window_of(start, windows)
    whole = (covered >= 0) & (_window_of(end - step, windows) == covered)
    between_imported = (_window_of(start - step, windows) < 0) & (_window_of(end, windows) < 0)
    untouched = np.searchsorted(windows[:, 0], start) == np.searchsorted(windows[:, 0], end)
    imported = between_imported & (covered < 0) & untouched & (end - start <= LONGEST_STANDSTILL)
    cut = [part for a, b in holes[~(whole | imported)].tolist() for part in _cut(a, b, windows.tolist())]
    found = pd.DataFrame(
        [*((MISSING, a, b) for a, b in holes[whole | imported].tolist()), *cut], columns=["state", "start", "end"]
    ).astype({"start": "int64", "end": "int64"})
    found["bars"] = (found["end"] - found["start"]) // step
    for name in ("start", "end"):
        found[name] = pd.to_datetime(found[name], unit="us", utc=True).astype("datetime64[us, UTC]")
    return found.loc[found["bars"] > 0, _COLUMNS]


def _window_of(at: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """The number of the window that holds each instant, -1 where none does."""
    if len(windows) == 0:
        return np.full(len(at), -1)
    n = np.searchsorted(windows[:, 0], at, side="right") - 1
    return np.where((n >= 0) & (at < windows[n, 1]), n, -1)


def _cut(start: int, end: int, windows: list[list[int]]) -> Iterator[tuple[str, int, int]]:
    at = start
    for a, b in windows:
        if a >= end or b <= start:
            continue
        if a > at:
            yield NEVER, at, a
        yield MISSING, max(at, a), min(end, b)
        at = min(end, b)
    if at < end:
        yield NEVER, at, end


def within(known: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, step_s: int) -> pd.DataFrame:
    """``spans`` cut to ``[start, end)``; before the first and after the last nobody asked."""
    begins, ends = (known["start"].min(), known["end"].max()) if len(known) else (end, end)
    # The bar that is not closed yet, and the one that the next refresh will bring.
    outside = [(NEVER, start, begins), (NEVER, ends, end)]
    step = pd.Timedelta(seconds=step_s)
    edges = pd.DataFrame([(s, a, b, 0) for s, a, b in outside if b - a >= 2 * step], columns=_COLUMNS)
    cut = pd.concat([frame for frame in (known, edges) if len(frame)] or [known])
    cut = cut[(cut["start"] < end) & (cut["end"] > start)].sort_values("start", ignore_index=True)
    cut["start"], cut["end"] = cut["start"].clip(lower=start), cut["end"].clip(upper=end)
    return cut.assign(bars=((cut["end"] - cut["start"]) // step).astype("int64"))


def measures(shown: pd.DataFrame) -> dict[str, object]:
    """One strip in figures: seconds by state, gaps, missing bars, and the longest gap that was asked for."""
    lengths = (shown["end"] - shown["start"]).dt.total_seconds().groupby(shown["state"]).sum()
    gaps = shown[shown["state"] == MISSING]
    longest = gaps.loc[gaps["bars"].idxmax()] if len(gaps) else None
    stored = shown[shown["state"].isin([PRESENT, IDLE])]
    return {
        **{f"{state}_s": float(lengths.get(state, 0.0)) for state in STATES},
        "bars": int(stored["bars"].sum()),
        "idle_bars": int(stored.loc[stored["state"] == IDLE, "bars"].sum()),
        "gaps": len(gaps),
        "missing_bars": int(gaps["bars"].sum()),
        "longest_s": (longest["end"] - longest["start"]).total_seconds() if longest is not None else None,
        "longest_at": longest["start"] if longest is not None else pd.NaT,
    }


def marks(shown: pd.DataFrame, least: pd.Timedelta) -> pd.DataFrame:
    """Spans as they are drawn: at least ``least`` long, one where several of a state would touch.

    ``parts`` is how many spans are drawn as one, ``bars`` how many bars they hold or lack, ``since`` and ``until``
    where they truly begin and end. A gap that is thinner than a pixel is thus still seen, and a series with a hundred
    thousand of them draws a few hundred marks.
    """
    return pd.concat([_joined(shown[shown["state"] == state], least) for state in STATES], ignore_index=True)


def _joined(of_state: pd.DataFrame, least: pd.Timedelta) -> pd.DataFrame:
    short = (least - (of_state["end"] - of_state["start"])).clip(lower=pd.Timedelta(0)) / 2
    wide = of_state.assign(
        since=of_state["start"], until=of_state["end"], start=of_state["start"] - short, end=of_state["end"] + short
    )
    island = (wide["start"] > wide["end"].cummax().shift()).cumsum()
    return (
        wide.groupby(island)
        .agg(
            state=("state", "first"), start=("start", "min"), end=("end", "max"), since=("since", "min"),
            until=("until", "max"), bars=("bars", "sum"),
            parts=("state", "size"),
        )
        .reset_index(drop=True)
    )  # fmt: skip


def figure(series: Mapping[str, pd.DataFrame], start: pd.Timestamp, end: pd.Timestamp, zone: str = "UTC") -> go.Figure:
    """One strip a series over one axis of time, one trace a state.

    ``series``: ``within`` by label, top to bottom. The axis is in ``zone`` and says so.
    """
    ahead, zone_name = words.axis(start, end, zone)
    labels = [escape(label) for label in series]
    drawn = {escape(label): marks(shown, LEAST * (end - start)) for label, shown in series.items()}
    chart = go.Figure()
    for state in STATES:
        rows = [(label, row) for label, shown in drawn.items() for row in shown[shown["state"] == state].itertuples()]
        begin = [max(row.start, start) for _, row in rows]
        length = [min(row.end, end) - at for at, (_, row) in zip(begin, rows, strict=True)]
        chart.add_trace(
            go.Bar(
                orientation="h",
                y=[label for label, _ in rows] or [None],
                base=[naive(at + ahead) for at in begin] or [None],
                x=[span.total_seconds() * 1000 for span in length] or [None],
                name=state,
                text=[_told(label, row, zone) for label, row in rows],
                textposition="none",
                hovertemplate="%{text}<extra></extra>",
                **_LOOKS[state],
            )
        )
    margin = 0.004 * (end - start)
    chart.update_xaxes(
        type="date",
        range=[naive(start - margin + ahead), naive(end + margin + ahead)],
        gridcolor=GRID,
        automargin=False,
        title={"text": zone_name, "standoff": 2, "font": {"size": 11}},
    )
    chart.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=labels[::-1],
        range=[-0.6, max(len(labels), 1) - 0.4],
        fixedrange=True,
        automargin=False,
        tickfont={"size": 11},
    )
    chart.update_layout(
        height=ROW_PX * max(len(labels), 1) + 56,
        margin={"l": 138, "r": 8, "t": 8, "b": 48},
        barmode="overlay",
        dragmode="pan",
        uirevision=f"{start}{end}",
        showlegend=False,  # plotly would stack it over the strips on a narrow screen
    )  # fmt: skip
    return chart


def _told(label: str, row: object, zone: str) -> str:
    bars = f"{row.bars:,} bar{'' if row.bars == 1 else 's'}"
    many = f"{row.parts:,} spans, {bars}" if row.parts > 1 else bars
    return f"{label}<br>{row.state}: {words.period(row.since, row.until, zone)}<br>{many}"

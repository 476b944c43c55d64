"""Figures: frames in, a plotly figure out. No Streamlit, no lake.

Colours are blue and orange, told apart by the colour-blind too, and a direction never shows by colour
alone. Rows with a missing value are left out: plotly.js draws malformed paths for NaN, and the gap shows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

UP, DOWN = "#2f7ed8", "#e8792b"
PRICE_LINE = "#0f9488"
MARK, CHOSEN = "#5b9bd5", "#d0439b"
DEFINITIONS = {"all-coins": "#2f7ed8", "top-125": "#e8792b"}
OTHER_DEFINITION = "#8a8d93"
GRID = "rgba(128,128,128,0.18)"

#: Rows of the timeline, top to bottom, with their share of the height.
PRICE, CAPS, NEWS = 1, 2, 3
LANE_PX = 30
#: Share of the range left free at both ends, so that a marker there is whole.
MARGIN = 0.012
#: A series of at most this many values shows each one.
MARKED_VALUES = 80


def timeline(
    prices: pd.DataFrame,
    caps: pd.DataFrame,
    stories: pd.DataFrame,
    *,
    asset: str,
    bar_s: int,
    start: pd.Timestamp,
    end: pd.Timestamp,
    style: str = "line",
    log: bool = False,
    chosen: str | None = None,
) -> go.Figure:
    """Price, total market cap and news lanes over one time axis.

    ``prices``: bars of ``bar_s`` seconds (``open_time``, OHLC). ``caps``: ``period_end``,
    ``market_cap_usd``, ``source``, ``definition``. ``stories``: ``story_id``, ``shown_at``, ``anchor_at``, ``title``,
    ``publisher``, ``published_precision``, ``lane``. ``style``: ``line`` or ``candles``. Every marker's
    ``customdata`` is its story's id. ``chosen`` is the story drawn larger, with a line through all panels.
    """
    lanes = list(dict.fromkeys(stories.sort_values("lane")["lane"])) if len(stories) else []
    news_px = 40 + LANE_PX * max(len(lanes), 1)
    heights = [330, 170, news_px]
    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.025, row_heights=[h / sum(heights) for h in heights]
    )
    _draw_price(figure, prices, asset, bar_s, style)
    _draw_caps(figure, caps)
    _draw_lanes(figure, stories, lanes, chosen)
    _say_where_empty(
        figure,
        {
            PRICE: prices.empty and f"No {asset} price is stored for this range",
            CAPS: caps.empty and "No total market cap is stored for this range",
            NEWS: stories.empty and "No story fits",
        },
    )
    _mark_chosen(figure, stories[stories["story_id"] == chosen])
    margin = MARGIN * (end - start)
    figure.update_xaxes(
        range=[naive(start - margin), naive(end + margin)], showgrid=True, gridcolor=GRID, automargin=False
    )
    figure.update_yaxes(automargin=False, gridcolor=GRID, fixedrange=True, title_standoff=4)
    figure.update_yaxes(
        title_text=f"{asset}, USD",
        type="log" if log else "linear",
        tickprefix="$",
        exponentformat="B",
        row=PRICE,
        col=1,
    )
    figure.update_yaxes(
        title_text="Total cap, USD",
        type="log" if log else "linear",
        tickprefix="$",
        exponentformat="B",
        row=CAPS,
        col=1,
    )
    figure.update_layout(
        height=sum(heights) + 82,
        margin={"l": 96, "r": 12, "t": 28, "b": 46},
        dragmode="pan",
        hovermode="closest",
        xaxis_rangeslider_visible=False,
        bargap=0,
        uirevision=f"{start}{end}",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": 12}},
    )
    figure.update_xaxes(
        showspikes=True, spikemode="across", spikethickness=1, spikedash="dot", spikecolor="#8a8d93", spikesnap="cursor"
    )
    figure.add_annotation(
        text="UTC",
        x=0,
        y=0,
        xref="paper",
        yref="paper",
        xanchor="right",
        yanchor="top",
        xshift=-8,
        yshift=-6,
        showarrow=False,
        font={"size": 12},
        opacity=0.7,
    )
    return figure


def _draw_price(figure: go.Figure, prices: pd.DataFrame, asset: str, bar_s: int, style: str) -> None:
    bars = prices.dropna(subset=["open", "high", "low", "close"])
    if style == "candles":
        figure.add_trace(
            go.Candlestick(
                x=times(bars["open_time"]),
                open=bars["open"],
                high=bars["high"],
                low=bars["low"],
                close=bars["close"],
                name=f"{asset} price",
                increasing={"line": {"color": UP, "width": 1}, "fillcolor": UP},
                decreasing={"line": {"color": DOWN, "width": 1}, "fillcolor": DOWN},
            ),
            row=PRICE,
            col=1,
        )
        return
    x, y = broken_at_gaps(bars["open_time"] + pd.Timedelta(seconds=bar_s), bars["close"], bar_s)
    figure.add_trace(
        go.Scatter(
            x=x,
            y=y,
            mode="lines",
            name=f"{asset} price",
            line={"color": PRICE_LINE, "width": 1.5},
            connectgaps=False,
            hovertemplate="%{x|%Y-%m-%d %H:%M} UTC<br>$%{y:,.2f}<extra></extra>",
        ),
        row=PRICE,
        col=1,
    )


def broken_at_gaps(at: pd.Series, values: pd.Series, step_s: int) -> tuple[np.ndarray, np.ndarray]:
    """The line with one empty point inside every gap, so that nothing is drawn across it."""
    after = np.flatnonzero((at.diff() > pd.Timedelta(seconds=1.5 * step_s)).to_numpy())
    x = times(at)
    return np.insert(x, after, x[after - 1] + np.timedelta64(step_s, "s")), np.insert(
        values.to_numpy(float), after, np.nan
    )


def _draw_caps(figure: go.Figure, caps: pd.DataFrame) -> None:
    for (source, definition), series in caps.groupby(["source", "definition"], sort=True):
        figure.add_trace(
            go.Scatter(
                x=times(series["period_end"]),
                y=series["market_cap_usd"],
                name=escape(f"Total cap: {source}, {definition}"),
                mode="lines+markers" if len(series) <= MARKED_VALUES else "lines",
                marker={"size": 4},
                connectgaps=False,
                line={"color": DEFINITIONS.get(definition, OTHER_DEFINITION), "width": 1.5},
                hovertemplate=f"{escape(source)}, {escape(definition)}<br>"
                "%{x|%Y-%m-%d %H:%M} UTC<br>$%{y:,.4s}<extra></extra>",
            ),
            row=CAPS,
            col=1,
        )


def _draw_lanes(figure: go.Figure, stories: pd.DataFrame, lanes: list[str], chosen: str | None) -> None:
    """One trace a lane, however many stories: a shape or line each would redraw quadratically."""
    for lane in lanes:
        here = stories[stories["lane"] == lane]
        here = here.iloc[np.argsort(here["story_id"] == chosen, kind="stable")]  # the chosen one on top
        picked = (here["story_id"] == chosen).to_numpy()
        figure.add_trace(
            go.Scatter(
                x=times(_drawn_at(here)),
                y=np.full(len(here), escape(lane)),
                mode="markers",
                name=escape(lane),
                showlegend=False,
                customdata=here["story_id"],
                text=[_hover(row) for row in here.itertuples()],
                hovertemplate="%{text}<extra></extra>",
                marker={
                    "size": np.where(picked, 17, 10),
                    "color": np.where(picked, CHOSEN, MARK),
                    "symbol": np.where(picked, "star", "circle"),
                    "opacity": np.where(picked, 1.0, 0.75),
                    "line": {"width": 1, "color": "rgba(255,255,255,0.6)"},
                },
                selected={"marker": {"opacity": 1.0}},
                unselected={"marker": {"opacity": 0.75}},
            ),
            row=NEWS,
            col=1,
        )
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=[escape(lane) for lane in lanes[::-1]],
        showgrid=True,
        range=[-0.7, max(len(lanes), 1) - 0.3],
        row=NEWS,
        col=1,
    )


def _mark_chosen(figure: go.Figure, story: pd.DataFrame) -> None:
    """A line where the story's context is read, and a band over the time its publication is only known to."""
    if story.empty:
        return
    shown, read = story["shown_at"].iloc[0], story["anchor_at"].fillna(story["shown_at"]).iloc[0]
    over = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    if read > shown:
        figure.add_shape(
            type="rect", x0=naive(shown), x1=naive(read), fillcolor=CHOSEN, opacity=0.12, line_width=0, **over
        )
    line = {"color": CHOSEN, "width": 1.5, "dash": "dot"}
    figure.add_shape(type="line", x0=naive(read), x1=naive(read), line=line, **over)


def _drawn_at(stories: pd.DataFrame) -> pd.Series:
    """The time published; where that is only known to a span, the middle of it."""
    late = (stories["anchor_at"] - stories["shown_at"]).clip(lower=pd.Timedelta(0)).fillna(pd.Timedelta(0))
    return stories["shown_at"] + late / 2


def _say_where_empty(figure: go.Figure, messages: dict[int, str | bool]) -> None:
    """A panel without data keeps its frame and says why it is empty."""
    for row, message in messages.items():
        if message:
            # An invisible point: without a trace plotly draws neither grid nor axis.
            figure.add_trace(go.Scatter(x=[None], y=[None], showlegend=False, hoverinfo="skip"), row=row, col=1)
            n = "" if row == 1 else row
            figure.add_annotation(
                text=message,
                xref=f"x{n} domain",
                yref=f"y{n} domain",
                x=0.5,
                y=0.5,
                showarrow=False,
                font={"size": 13},
                opacity=0.7,
            )


def _hover(story: object) -> str:
    """Plain text for a hover label; plotly reads a few tags there, so brackets are written out."""
    when = (
        f"{story.shown_at:%Y-%m-%d %H:%M} UTC"
        if story.published_precision in ("second", "minute", "hour")
        else f"{story.shown_at:%Y-%m-%d}, to the {story.published_precision}"
        if story.published_precision != "unknown"
        else f"time unknown, {story.shown_at:%Y-%m-%d} at the earliest"
    )
    return f"{escape(wrap(story.title))}<br>{escape(story.publisher)} · {when}"


def times(at: pd.Series) -> np.ndarray:
    """UTC without its mark: plotly.js would otherwise draw in the browser's zone."""
    return at.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()


def naive(at: pd.Timestamp) -> pd.Timestamp:
    return at.tz_convert("UTC").tz_localize(None)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def wrap(text: str, width: int = 60) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])

"""The home page: news on a timeline against price and total market cap, and the story behind a marker."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import cached, figures, widgets, words
from dashboard.views import story
from data.lake import Snapshot
from data.markets import ASSETS

PRESETS = {
    "1D": pd.DateOffset(days=1),
    "1W": pd.DateOffset(weeks=1),
    "1M": pd.DateOffset(months=1),
    "3M": pd.DateOffset(months=3),
    "1Y": pd.DateOffset(years=1),
    "5Y": pd.DateOffset(years=5),
    "All": None,
}
LANES = {"topic": "topics", "source": "source", "asset": "assets"}
#: Where a story has several topics it stands in the lane of the first of these.
TOPIC_ORDER = ("hack", "ETF", "regulation", "politics", "adoption", "macro", "exchange", "protocol")
FIRST_DAY = pd.Timestamp("2009-01-03", tz="UTC")
#: A marker is one point of one trace a lane; beyond this many the newest are drawn, and a line says so.
MAX_MARKS = 2000
#: Height of the summary and the buttons under the chart; the panel beside them scrolls.
BELOW_CHART_PX = 110
#: The story a new lake opens with: the one the tool was made for.
EXAMPLE = "Trump plans to receive El Salvador's Bukele"

COLUMNS = {
    "shown_at": "Time (UTC)",
    "published_precision": "To the",
    "title": "Story",
    "publisher": "Publisher",
    "topics": "Topics",
    "price_usd": "Price",
    "move_m24h": "−24 h",
    "move_p24h": "+24 h",
    "move_p7d": "+7 d",
    "outcome": "Outcome",
}


@dataclass(frozen=True)
class View:
    """What the address says is shown."""

    start: pd.Timestamp
    end: pd.Timestamp
    asset: str
    style: str
    log: bool
    lanes: str


def page() -> None:
    widgets.style()
    at = widgets.require_lake()
    stored = _stored(at)
    notice = st.container()  # above the controls, which name the asset it is about
    view = _controls(stored)
    with notice:
        widgets.stale_notice(at, view.asset, stored.last_price)
    everything = cached.stories(at, view.asset)
    shown = _filters(everything, view)
    chart, panel = st.columns([2.7, 1], gap="medium")
    with chart:
        prices = cached.prices(at, view.asset, view.start, view.end)
        caps = cached.caps(at, "TOTAL", view.start, view.end)
        chosen = _chosen(everything)
        height = _chart(shown, prices, caps, view, chosen)
        _downloads(shown, prices, caps, view)
    with panel, st.container(gap="xsmall", height=height + BELOW_CHART_PX, border=False):
        story.panel(at, everything, chosen, view.asset, example="story" not in st.query_params)
    _table(shown, chosen)


# ── what is shown ─────────────────────────────────────────────────────────────────────────────────────


def _controls(stored: Stored) -> View:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Range",
            list(PRESETS),
            key="preset",
            on_change=_apply_preset,
            args=(stored,),
            selection_mode="single",
            help="Up to the newest price stored; All: every story too",
        )
        low, high = FIRST_DAY.date(), (max(pd.Timestamp.now("UTC"), stored.last) + pd.DateOffset(years=1)).date()
        begin = st.date_input(
            "From (UTC)",
            min_value=low,
            max_value=high,
            key="from",
            bind="query-params",
            value=stored.first_price.date(),
            on_change=_drop_preset,
            width=140,
            format="YYYY-MM-DD",
        )
        until = st.date_input(
            "To (UTC, included)",
            min_value=low,
            max_value=high,
            key="to",
            bind="query-params",
            value=stored.last.date(),
            on_change=_drop_preset,
            width=150,
            format="YYYY-MM-DD",
        )
        asset = st.segmented_control(
            "Asset", ASSETS, default=ASSETS[0], key="asset", bind="query-params", required=True
        )
        style = st.segmented_control(
            "Price as", ["line", "candles"], default="line", key="style", bind="query-params", required=True
        )
        lanes = st.segmented_control(
            "News lanes by", list(LANES), default="topic", key="lanes", bind="query-params", required=True
        )
        log = st.toggle("Log scale", value=True, key="log", bind="query-params")
    if begin > until:
        st.warning(f"The range ends ({until}) before it begins ({begin}); showing it the other way round.")
        begin, until = until, begin
    return View(
        pd.Timestamp(begin, tz="UTC"), pd.Timestamp(until, tz="UTC") + pd.Timedelta(days=1), asset, style, log, lanes
    )


@dataclass(frozen=True)
class Stored:
    """How far what is stored reaches."""

    first: pd.Timestamp  # price or story
    first_price: pd.Timestamp
    last_price: pd.Timestamp
    last: pd.Timestamp  # price or story


def _stored(at: Snapshot) -> Stored:
    coverage = cached.coverage(at)
    told = [t for t in cached.story_span(at) if pd.notna(t)]
    priced = [coverage["first_open"].min(), coverage["last_open"].max()] if len(coverage) else told
    if not priced:
        now = pd.Timestamp.now("UTC")
        priced = [now - pd.DateOffset(months=1), now]
    return Stored(min(priced + told), priced[0], priced[-1], max(priced + told))


def _apply_preset(stored: Stored) -> None:
    """Set the dates: back from the newest price, as that is what stories are set beside."""
    preset = st.session_state["preset"]
    if preset is None:
        return
    back = PRESETS[preset]
    begin, end = (stored.first, stored.last) if back is None else (stored.last_price - back, stored.last_price)
    st.session_state["to"] = end.date()
    st.session_state["from"] = begin.date() if back is None else (begin + pd.DateOffset(days=1)).date()


def _drop_preset() -> None:
    st.session_state["preset"] = None


def _filters(stories: pd.DataFrame, view: View) -> pd.DataFrame:
    """The stories within the range that meet every filter, each with its lane."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        search = st.text_input(
            "Search titles, people, places, publishers",
            key="q",
            bind="query-params",
            placeholder="for example: El Salvador",
            icon=":material/search:",
            width=330,
        )
        topics = st.multiselect("Topic", _values(stories["topics"]), key="topic", bind="query-params", width=230)
        assets = st.multiselect("About asset", _values(stories["assets"]), key="about", bind="query-params", width=200)
        sources = st.multiselect(
            "Source", sorted(stories["source"].unique()), key="source", bind="query-params", width=230
        )
    shown = stories[(stories["shown_at"] >= view.start) & (stories["shown_at"] < view.end)]
    for word in search.split():
        found = shown[["title", "people", "places", "publisher"]].apply(
            lambda column, word=word: column.str.contains(word, case=False, regex=False)
        )
        shown = shown[found.any(axis=1)]
    for column, wanted in (("topics", topics), ("assets", assets)):
        if wanted:
            shown = shown[shown[column].map(lambda names, wanted=wanted: bool({*names.split("; ")} & {*wanted}))]
    if sources:
        shown = shown[shown["source"].isin(sources)]
    column = LANES[view.lanes]
    preferred = topics if view.lanes == "topic" and topics else TOPIC_ORDER
    return shown.assign(lane=shown[column].map(lambda names: _lane(names.split("; "), preferred)))


def _values(joined: pd.Series) -> list[str]:
    return sorted({name for names in joined for name in names.split("; ") if name})


def _lane(names: list[str], preferred: tuple[str, ...] | list[str]) -> str:
    return next((name for name in preferred if name in names), names[0] or "other")


# ── chart, downloads, table ───────────────────────────────────────────────────────────────────────────


def _chosen(stories: pd.DataFrame) -> str | None:
    """The story the address names; on a lake without live news, the example."""
    if "story" in st.query_params:
        return st.query_params["story"]
    example = stories[stories["title"].str.contains(EXAMPLE, case=False, regex=False)]
    return example["story_id"].iloc[0] if len(example) and stories["known_at_assumed"].all() else None


def _choose(story_id: str) -> None:
    st.query_params["story"] = story_id
    st.session_state["table_version"] = st.session_state.get("table_version", 0) + 1


def _chart(shown: pd.DataFrame, prices, caps: pd.DataFrame, view: View, chosen: str | None) -> int:
    """Draw the figure and its summary; returns the figure's height in pixels."""
    marked = shown.tail(MAX_MARKS)
    figure = figures.timeline(
        prices.bars,
        caps,
        marked,
        asset=view.asset,
        bar_s=prices.bar_s,
        start=view.start,
        end=view.end,
        style=view.style,
        log=view.log,
        chosen=chosen,
    )
    summary = _summary(shown, marked, prices, caps, view)
    st.plotly_chart(
        figure,
        key="chart",
        on_select=_marker_picked,
        selection_mode="points",
        alt=summary,
        config={
            "displaylogo": False,
            "scrollZoom": True,
            "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
        },
    )
    widgets.plain(summary)
    return int(figure.layout.height)


def _marker_picked() -> None:
    points = st.session_state["chart"]["selection"]["points"]
    picked = [point["customdata"] for point in points if point.get("customdata")]
    if picked:
        _choose(picked[0] if isinstance(picked[0], str) else picked[0][0])


def _summary(shown: pd.DataFrame, marked: pd.DataFrame, prices, caps: pd.DataFrame, view: View) -> str:
    stories = (
        count(len(shown))
        if len(marked) == len(shown)
        else f"newest {len(marked):,} of {len(shown):,} stories drawn, all in the table"
    )
    if prices.bars.empty:
        price = f"no {view.asset} price is stored for this range: `newstape refresh` may bring it"
    else:
        first, last = prices.bars["open"].iloc[0], prices.bars["close"].iloc[-1]
        price = (
            f"{view.asset} opened at {words.usd(first)} and closed at {words.usd(last)}, {len(prices.bars):,} bars of "
            f"{words.bar_name(prices.bar_s)} ({prices.venues})"
        )
    totals = ", ".join(
        f"{source} {definition}"
        for source, definition in caps[["source", "definition"]].drop_duplicates().itertuples(index=False)
    )
    return (
        f"{view.start:%Y-%m-%d} to {view.end - pd.Timedelta(days=1):%Y-%m-%d} UTC: {stories}; {price}; "
        f"total market cap: {totals or 'nothing stored for this range'}."
    )


def _downloads(shown: pd.DataFrame, prices, caps: pd.DataFrame, view: View) -> None:
    with st.container(horizontal=True, gap="small"):
        widgets.download("Stories CSV", lambda: story_rows(shown), "newstape-stories.csv", "csv_stories")
        widgets.download(
            "Prices CSV",
            lambda: prices.bars.assign(bar_s=prices.bar_s),
            f"newstape-{view.asset.lower()}-prices.csv",
            "csv_prices",
        )
        widgets.download("Market caps CSV", lambda: caps, "newstape-total-market-cap.csv", "csv_caps")


def count(stories: int) -> str:
    return f"{stories:,} stor{'y' if stories == 1 else 'ies'}"


def story_rows(shown: pd.DataFrame) -> pd.DataFrame:
    """The table below the chart, newest first; the CSV holds the same rows and columns."""
    rows = shown.iloc[::-1].reset_index(drop=True)
    for horizon in ("m24h", "p24h", "p7d"):
        rows[f"move_{horizon}"] = rows[f"log_return_{horizon}"].map(words.fraction)
    return rows[["story_id", *COLUMNS]]


def _table(shown: pd.DataFrame, chosen: str | None) -> None:
    rows = story_rows(shown)
    widgets.head(f"{count(len(rows))} in this range")
    if rows.empty:
        st.info("No story fits. Widen the range or drop a filter.")
        return
    picked = rows.index[rows["story_id"] == chosen].tolist()
    key = f"table_{st.session_state.get('table_version', 0)}"
    st.session_state["table_key"], st.session_state["table_ids"] = key, rows["story_id"].tolist()
    percent = {
        name: st.column_config.NumberColumn(COLUMNS[name], format="percent", width=70)
        for name in ("move_m24h", "move_p24h", "move_p7d")
    }
    widths = {"published_precision": 62, "title": 460, "publisher": 150, "topics": 150, "outcome": 78}
    st.dataframe(
        rows,
        key=key,
        on_select=_row_picked,
        selection_mode="single-row",
        hide_index=True,
        height="content" if len(rows) <= 10 else 420,
        selection_default={"selection": {"rows": picked}},
        column_order=list(COLUMNS),
        alt="Stories in this range",
        placeholder="–",
        column_config={
            **{name: st.column_config.TextColumn(COLUMNS[name], width=width) for name, width in widths.items()},
            "shown_at": st.column_config.DatetimeColumn(
                COLUMNS["shown_at"], format="YYYY-MM-DD HH:mm", timezone="UTC", width=125
            ),
            "price_usd": st.column_config.NumberColumn(COLUMNS["price_usd"], format="dollar", width=92),
            **percent,
        },
    )


def _row_picked() -> None:
    rows = st.session_state[st.session_state["table_key"]]["selection"]["rows"]
    if rows:
        st.query_params["story"] = st.session_state["table_ids"][rows[0]]

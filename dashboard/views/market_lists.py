"""The Market page's tables: the largest assets, and what each definition of a total counts."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis.cap_moves import DAYS, SPANS
from dashboard import widgets, words
from dashboard.views.market_tiles import against, aged, is_stale
from data import market_page, market_tables
from data.reading import Reading
from data.view import NAMES, View

_ASSETS, _LIST = "market_about", "market_list"
COLUMNS = ("rank", "asset", "cap", "price_usd", "24h", "7d", "days", "points", "as_of", "why")


def top_assets(reading: Reading, view: View, now: pd.Timestamp, assets: tuple[str, ...] | None = None) -> None:
    """The largest assets, or those of ``assets`` (a watchlist): the page's address has them as ``about``."""
    if assets is not None:
        view = replace(view, about=assets)
    source = view.sources[0] if view.sources else None
    found = market_page.assets(reading.snapshot, view.known_at, view.about or None, source)
    widgets.head("Largest assets by market cap")
    if found.lists.empty:
        st.info(f"No list of assets is stored{_then(view)}. `newstape refresh --source asset-caps` brings the newest.")
        return
    _controls(reading, view, found)
    widgets.plain(_listed(found, view, now))
    if found.rows.empty:
        st.info("None of the chosen assets is in this list. Choose others, or another provider's list.")
        return
    shown = rows(found)
    st.dataframe(
        shown,
        key="market_assets",
        hide_index=True,
        alt="The largest assets by market cap",
        placeholder="–",
        height="content" if len(shown) <= 12 else 460,
        column_order=[name for name in COLUMNS if name != "why" or shown["why"].notna().any()],
        column_config={
            "rank": st.column_config.NumberColumn("#", width=42, format="%d", pinned=True),
            "asset": st.column_config.TextColumn("Asset", width=86, pinned=True),
            "cap": st.column_config.NumberColumn("Cap, $ billion", format="%.2f", width=110),
            "price_usd": st.column_config.NumberColumn("Price, $", format="%.6g", width=96),
            **{
                name: st.column_config.NumberColumn(
                    f"{label}, %",
                    format="%+.2f",
                    width=84,
                    help="Change of the market cap, against the value nearest to that long before, a tenth off at most",
                )
                for name, label in (("24h", "24 h"), ("7d", "7 days"))
            },
            "days": st.column_config.LineChartColumn(
                f"Last {DAYS} days", width=170, help="The last market cap of each day; each line on a scale of its own"
            ),
            "points": st.column_config.TextColumn("Days known", width=84),
            "as_of": st.column_config.DatetimeColumn(
                f"As of ({words.zone_name(view.zone, now)})", format="YYYY-MM-DD HH:mm", timezone=view.zone, width=135
            ),
            "why": st.column_config.TextColumn("Why a change is missing", width=330),
        },
    )
    with st.container(horizontal=True, gap="small"):
        _download("Assets CSV", "market-assets", reading, view)
        _download("Days CSV", "market-asset-days", reading, view)


def _controls(reading: Reading, view: View, found: market_page.Assets) -> None:
    """Which assets, and by whose list: reflects the address, and writes it."""
    listed = market_page.assets(reading.snapshot, view.known_at, None, _source(found)).rows["asset"]
    st.session_state[_ASSETS], st.session_state[_LIST] = list(view.about), _source(found)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            "Only these assets",
            list(dict.fromkeys([*listed, *view.about])),
            key=_ASSETS,
            on_change=_write,
            args=("about", _ASSETS),
            placeholder=f"all of the largest {market_page.LISTED}",
            width=330,
        )
        if len(found.lists) > 1:
            names = found.lists["source"].tolist()
            st.selectbox("List of", names, key=_LIST, on_change=_write, args=("sources", _LIST), width=190)


def _write(field: str, key: str) -> None:
    chosen = st.session_state[key]
    if chosen:
        st.query_params[NAMES[field]] = chosen
    else:
        st.query_params.pop(NAMES[field], None)


def _source(found: market_page.Assets) -> str:
    return found.lists["source"].iloc[0] if found.rows.empty else found.rows["source"].iloc[0]


def rows(found: market_page.Assets) -> pd.DataFrame:
    """The list as it is shown; figures as in ``market_tables.assets``, but caps in billions and changes in percent."""
    key = ["asset", "asset_id"]
    days = found.days.groupby(key)["market_cap_usd"].agg(list)
    own = found.rows[key].fillna({"asset_id": ""}).itertuples(index=False, name=None)
    lines = [days.get(name, []) for name in own]
    return pd.DataFrame(
        {
            "rank": found.rows["rank"],
            "asset": found.rows["asset"],
            "cap": found.rows["market_cap_usd"] / 1e9,
            "price_usd": found.rows["price_usd"],
            **{name: 100 * found.rows[f"change_{name}"] for name in SPANS},
            "days": [line if len(line) > 1 else None for line in lines],
            "points": [f"{len(line)} of {DAYS}" for line in lines],
            "as_of": found.rows["period_end"],
            "why": [_why(row) for row in found.rows.itertuples()],
        }
    )


def definitions(reading: Reading, view: View, now: pd.Timestamp) -> None:
    """What each total counts, its newest value, and how far it is from the others at one instant."""
    told = market_tables.definitions(reading, view)
    widgets.head("What each definition counts")
    if told.empty:
        st.info(f"No total market cap is stored{_then(view)}. `newstape refresh --source total-market-cap` brings one.")
        return
    apart = market_tables.differences(reading, view)
    widgets.matrix(
        ("Total", "Counts", "Newest value", "As of", "Age, spacing", "Against the others at one instant"),
        [_definition(row, apart, view, now) for row in told.itertuples()],
    )
    with st.container(horizontal=True, gap="small"):
        _download("Definitions CSV", "market-definitions", reading, view)
        _download("Differences CSV", "market-differences", reading, view)


def _definition(row: object, apart: pd.DataFrame, view: View, now: pd.Timestamp) -> tuple[str, ...]:
    age_s = (now - row.period_end).total_seconds()
    flag = "! stale, " if is_stale(age_s, row.resolution_s) else ""
    mine = (apart["asset"] == row.asset) & (apart["source"] == row.source) & (apart["definition"] == row.definition)
    others = [against(other, row.period_end, view.zone) for other in apart[mine].itertuples()]
    return (
        f"{row.asset}, {row.source} {row.definition}",
        row.counts,
        words.usd(row.market_cap_usd),
        words.when(row.period_end, zone=view.zone),
        f"{flag}{aged(age_s, view)}, a value every {words.span(row.resolution_s)}",
        " · ".join(others) or "never at one instant with another",
    )


def _listed(found: market_page.Assets, view: View, now: pd.Timestamp) -> str:
    """Whose list, of when, how many of how many."""
    source = _source(found)
    listed = found.lists[found.lists["source"] == source].iloc[0]
    age_s = (now - listed["period_end"]).total_seconds()
    resolution_s = found.rows["resolution_s"].max() if len(found.rows) else 0
    stale = "; stale" if is_stale(age_s, resolution_s) else ""
    others = [f"{one.source} ({one.assets:,})" for one in found.lists.itertuples() if one.source != source]
    told = (
        f"{len(found.rows):,} of the {listed['assets']:,} assets in the newest list of {source}, "
        f"{words.when(listed['period_end'], zone=view.zone)}, {aged(age_s, view)}{stale}. "
        "Caps are its own, by its own count of the coins in circulation."
    )
    return f"{told} Lists of others: {', '.join(others)}." if others else told


def _then(view: View) -> str:
    return "" if view.known_at is None else " that was known at the clock"


def _why(row: object) -> str | None:
    told = [(label, getattr(row, f"reason_{name}")) for name, label in (("24h", "24 h"), ("7d", "7 days"))]
    return "; ".join(f"{label}: {reason}" for label, reason in told if pd.notna(reason)) or None


def _download(label: str, name: str, reading: Reading, view: View) -> None:
    widgets.download(
        label, lambda: market_tables.MARKET_TABLES[name](reading, view), f"newstape-{name}.csv", f"csv_{name}"
    )

"""The Claims page: figures the press states that are not settled, and who agrees with what it states."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboard import cached, verdicts, widgets, words
from dashboard.views import claims_card, claims_providers, replay
from dashboard.views import story as panel
from data.lake import Snapshot
from data.queries import STANDINGS, Asked
from data.view import FIRST_DAY, LAST_DAY, View
from data.view_tables import OPEN_CLAIMS

#: What the CSV holds besides.
KEPT = (
    "article_id",
    "offset",
    "story_id",
    "quantity",
    "asset",
    "value",
    "unit",
    "nearest_difference",
    "nearest_points",
    "as_of_end",
)
#: The newest so many are listed; the counts are of all.
LISTED = 200
COLUMNS = {
    "standing": ("Verdict", 152),
    "statement": ("States", 190),
    "nearest": ("Nearest by", 92),
    "quote": ("Quote", 330),
    "modality": ("Tense", 80),
    "as_of": ("Stated for", 150),
    "publisher": ("Publisher", 120),
    "title": ("Article", 280),
    "shown_at": ("Published", 150),
}


def page() -> None:
    widgets.style()
    at = widgets.require_lake()
    st.subheader("Claims")
    with st.container(gap="xsmall"):
        _page(at)


def _page(at: Snapshot) -> None:
    view = replay.view_of(View(FIRST_DAY, LAST_DAY))
    replay.bar(view)
    stored = cached.claims(at, "claim_counts", Asked(), known_at=view.known_at)
    if stored.empty:
        st.info(
            "No market figure has been read from any article yet. `newstape refresh` brings news; "
            "`newstape import article FILE` reads a saved one."
            if view.known_at is None
            else "No article that was known at that moment states a market figure. Step the clock on."
        )
        panel.left_out(at, view)
        return
    asked, standings = _filters(stored, view.zone)
    counts = cached.claims(at, "claim_counts", asked, known_at=view.known_at)
    queue = cached.claims(at, "claim_queue", replace(asked, standings=standings), LISTED, known_at=view.known_at)
    _lead(counts, standings, len(queue), int(stored["claims"].sum()))
    panel.left_out(at, view)
    if queue.empty:
        st.info("No claim fits. Add verdicts, widen the period or drop a filter.")
    else:
        table, card = st.columns([1.5, 1], gap="medium")
        chosen = _chosen(queue)
        with table:
            _table(queue, chosen, view.zone)
        with card:
            _card(at, view, queue, chosen)
    claims_providers.agreement(at, view, asked)
    claims_providers.grid(at, view, queue)


# ── which claims ──────────────────────────────────────────────────────────────────────────────────────


def _filters(stored: pd.DataFrame, zone: str) -> tuple[Asked, tuple[str, ...]]:
    """What is asked for but for the verdict, and the verdicts; days are those of the zone."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        standings = st.multiselect(
            "Verdict",
            list(STANDINGS),
            default=list(OPEN_CLAIMS),
            key="verdict",
            bind="query-params",
            width=540,
            help="“another definition”: one universe of coins holds the figure, another does not",
        )
        quantities = st.multiselect(
            "Quantity",
            [name for name in verdicts.QUANTITIES if (stored["quantity"] == name).any()],
            key="quantity",
            bind="query-params",
            format_func=verdicts.QUANTITIES.get,
            width=230,
        )
        assets = st.multiselect(
            "Of", sorted({name for name in stored["asset"] if name}), key="of", bind="query-params", width=170
        )
        modalities = st.multiselect(
            "Tense", sorted(stored["modality"].unique()), key="tense", bind="query-params", width=170
        )
        since = st.date_input(
            f"Published from ({zone})",
            None,
            key="since",
            bind="query-params",
            min_value=date(2009, 1, 3),
            format="YYYY-MM-DD",
            width=160,
        )
        until = st.date_input(
            "to, included",
            None,
            key="until",
            bind="query-params",
            min_value=date(2009, 1, 3),
            format="YYYY-MM-DD",
            width=160,
        )
        text = st.text_input(
            "Search quotes, titles, publishers",
            key="text",
            bind="query-params",
            placeholder="for example: dominance",
            icon=":material/search:",
            width=260,
        )
    if since and until and since > until:
        st.warning(f"The period ends ({until}) before it begins ({since}); showing it the other way round.")
        since, until = until, since
    asked = Asked(
        quantities=tuple(quantities),
        assets=tuple(assets),
        modalities=tuple(modalities),
        start=replay.day_start(since, zone) if since else None,
        end=replay.day_start(until + timedelta(days=1), zone) if until else None,
        text=text,
    )
    return asked, tuple(standings)


def _lead(counts: pd.DataFrame, standings: tuple[str, ...], shown: int, stored: int) -> None:
    """How many claims of each verdict meet the other filters, and how many of them are listed."""
    by_standing = counts.groupby("standing")["claims"].sum().reindex(list(STANDINGS), fill_value=0)
    fitting = int(by_standing[list(standings) or list(STANDINGS)].sum())
    widgets.plain(f"{shown:,} of {fitting:,} shown" + (", the newest." if shown < fitting else "."), "nt-lead")
    told = [
        f"{verdicts.named(name)} {count:,}" for name, count in by_standing.items() if count or name != "not checked"
    ]
    widgets.plain(
        f"{' · '.join(told)} · of {int(by_standing.sum()):,} claims that meet the other filters, {stored:,} stored."
    )
    if standings and "cannot check" not in standings and by_standing["cannot check"]:
        st.button(
            f"Add the {by_standing['cannot check']:,} that cannot be checked",
            key="add_cannot",
            on_click=_add_cannot,
            icon=":material/add:",
            type="tertiary",
        )


def _add_cannot() -> None:
    st.session_state["verdict"] = [*st.session_state["verdict"], "cannot check"]


# ── the queue ─────────────────────────────────────────────────────────────────────────────────────────


def rows(queue: pd.DataFrame) -> pd.DataFrame:
    """The queue as it is shown; the CSV holds the same rows with their keys and figures."""
    return queue.assign(
        standing=queue["standing"].map(verdicts.named),
        statement=[_states(claim) for claim in queue.itertuples()],
        nearest=[verdicts.difference(c.nearest_difference, c.nearest_points) for c in queue.itertuples()],
    )[[*COLUMNS, *KEPT]]


def _states(claim: object) -> str:
    subject = "" if pd.isna(claim.asset) or claim.asset == "TOTAL" else f"{claim.asset} "
    return (
        f"{subject}{verdicts.QUANTITIES[claim.quantity].lower()} "
        f"{verdicts.COMPARATORS.get(claim.comparator, '')}{verdicts.stated(claim, claim.value)}"
    )


def _table(queue: pd.DataFrame, chosen: int, zone: str) -> None:
    shown = rows(queue)
    st.session_state["claims_ids"] = [f"{c.article_id}:{c.offset}" for c in queue.itertuples()]
    st.dataframe(
        shown.assign(
            as_of=[_when(c.as_of, c.as_of_precision, zone) for c in queue.itertuples()],
            shown_at=[_when(c.shown_at, c.shown_precision, zone) for c in queue.itertuples()],
        ),
        key="claims_table",
        on_select=_picked,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [chosen]}},
        hide_index=True,
        alt="Claims, the newest first",
        placeholder="–",
        height="content" if len(shown) <= 10 else 460,
        column_order=list(COLUMNS),
        column_config={
            **{name: st.column_config.TextColumn(label, width=width) for name, (label, width) in COLUMNS.items()},
            "nearest": st.column_config.TextColumn(
                "Nearest by", width=92, help="Claimed against the nearest recorded value of those the verdict is from"
            ),
        },
    )
    widgets.download("Claims CSV", lambda: shown, "newstape-claims.csv", "csv_claims")


def _when(at: pd.Timestamp, precision: str | None, zone: str) -> str | None:
    return words.when(at, precision, zone) if pd.notna(at) else None


def _picked() -> None:
    picked = st.session_state["claims_table"]["selection"]["rows"]
    if picked:
        st.query_params["claim"] = st.session_state["claims_ids"][picked[0]]


def _chosen(queue: pd.DataFrame) -> int:
    """The place in the queue of the claim the address names; the first where it names none that is listed."""
    named = st.query_params.get("claim", "")
    here = [place for place, c in enumerate(queue.itertuples()) if f"{c.article_id}:{c.offset}" == named]
    return here[0] if here else 0


def _card(at: Snapshot, view: View, queue: pd.DataFrame, chosen: int) -> None:
    claim = queue.iloc[chosen]
    checks = cached.claims(at, "claims_of", ((claim["article_id"], int(claim["offset"])),), known_at=view.known_at)
    widgets.plain(claim["title"], "nt-title")
    published = words.when(claim["shown_at"], claim["shown_precision"], view.zone)
    widgets.plain(f"{claim['publisher']} · {published}")
    article = cached.claims(at, "claim_text", claim["article_id"], known_at=view.known_at)
    claims_card.card(checks, widgets.full_text(article.iloc[0]) if len(article) else None, view.zone)
    if pd.notna(claim["story_id"]):
        widgets.page_link("story", "Open its story", story=claim["story_id"], **replay.carried(view))
    else:
        widgets.plain("Its article belongs to no story yet: the next refresh puts it in one.")

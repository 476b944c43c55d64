"""The Story page's articles, and what a copy changed of the first source."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.diff import Agreement, addresses, agreement, numbers, share_kept, word_diff
from dashboard import widgets, words
from dashboard.views import replay
from dashboard.views.story import NOT_KEPT
from data.view import View

COLUMNS = {
    "relation": ("Relation", 86),
    "similarity": ("Wording shared", 108),
    "publisher": ("Publisher", 130),
    "published_at": ("Published", 150),
    "published_precision": ("To the", 62),
    "first_seen_at": ("First seen", 150),
    "title": ("Title", 330),
}
NAMES = ("person", "organisation", "place", "asset", "cited source")
#: Texts are compared up to so many characters; what is left out is said.
MAX_COMPARED = 400_000
#: At most so many facts are named in a line.
FACTS = 12


def repeats(articles: pd.DataFrame, first: str) -> pd.Series:
    """Which articles are the first one again: of the same publisher, under the same title, in the same minute."""
    told = pd.DataFrame(
        {
            "publisher": articles["publisher"],
            "title": articles["title"],
            "minute": articles["published_at"].dt.floor("min"),
        }
    )
    is_first = articles["article_id"] == first
    if not is_first.any():
        return is_first
    return (told == told[is_first].iloc[0]).all(axis=1) & ~is_first  # an unknown time equals none


def shown_relations(rows: pd.DataFrame, first: str) -> pd.Series:
    """The relations as the table says them, with the first article stored again named as that."""
    return rows["relation"].mask(repeats(rows, first), "syndicated (same publisher)")


def member_rows(articles: pd.DataFrame) -> pd.DataFrame:
    """The table of articles, originals first, then as they came out; the CSV adds their ids and addresses."""
    rows = articles.assign(copy=articles["relation"] != "original")
    rows = rows.sort_values(["copy", "published_at", "known_at", "article_id"], kind="stable")
    return rows[[*COLUMNS, "article_id", "url"]].reset_index(drop=True)


def read_rows(rows: pd.DataFrame, first: str, zone: str) -> pd.DataFrame:
    """``member_rows`` as they are shown: relations and times in words, and where no title is kept, that."""
    return rows.assign(
        title=rows["title"].fillna(NOT_KEPT),
        relation=shown_relations(rows, first).fillna("to one not known yet"),
        published_at=[
            words.when(row.published_at, row.published_precision, zone) if pd.notna(row.published_at) else None
            for row in rows.itertuples()
        ],
        first_seen_at=[words.when(at, zone=zone) if pd.notna(at) else None for at in rows["first_seen_at"]],
    )


def members(view: View, story: pd.Series, articles: pd.DataFrame) -> str | None:
    """The articles; returns the one whose text is compared with the first source's, None where there is no copy."""
    widgets.head(f"{len(articles)} article{'s' if len(articles) != 1 else ''}")
    rows = member_rows(articles)
    copies = [name for name in rows["article_id"] if name != story["first_article_id"]]
    chosen = _chosen(articles, copies)
    widgets.plain(
        "Tick a copy to compare its words with the first source's."
        if copies
        else "No other article tells this story, as far as what is stored can say."
    )
    key = f"members_{story['story_id']}"
    st.session_state["members_key"], st.session_state["members_ids"] = key, rows["article_id"].tolist()
    selecting = {
        "on_select": _picked,
        "selection_mode": "single-row",
        "selection_default": {"selection": {"rows": rows.index[rows["article_id"] == chosen].tolist()}},
    }
    st.dataframe(
        read_rows(rows, story["first_article_id"], view.zone),
        key=key,
        hide_index=True,
        alt="Articles of the story",
        placeholder="–",
        height="content" if len(rows) <= 9 else 350,
        column_order=list(COLUMNS),
        column_config={
            **{name: st.column_config.TextColumn(label, width=width) for name, (label, width) in COLUMNS.items()},
            "similarity": st.column_config.NumberColumn("Wording shared", format="%.2f", width=108),
        },
        **(selecting if copies else {}),
    )
    widgets.download("Articles CSV", lambda: rows, "newstape-story-articles.csv", "csv_members")
    return chosen


def _chosen(articles: pd.DataFrame, copies: list[str]) -> str | None:
    """The copy the address names, else the first rewritten one, else the first of any kind."""
    if (named := st.query_params.get("copy")) in copies:
        return named
    rewritten = articles.loc[articles["relation"] == "rewritten", "article_id"]
    return next((name for name in rewritten if name in copies), copies[0] if copies else None)


def _picked() -> None:
    rows = st.session_state[st.session_state["members_key"]]["selection"]["rows"]
    if rows:
        st.query_params["copy"] = st.session_state["members_ids"][rows[0]]


def diff(view: View, story: pd.Series, articles: pd.DataFrame, mentions: pd.DataFrame, copy: str | None) -> None:
    """A copy against the first source: what both state, then the words."""
    if copy is None:
        return
    by_id = articles.set_index("article_id")
    if story["first_article_id"] not in by_id.index:
        widgets.plain("The first source itself is not stored, so there is nothing to compare with.")
        return
    first, other = by_id.loc[story["first_article_id"]], by_id.loc[copy]
    widgets.head("What the copy changed")
    lost = [article for article in (first, other) if pd.isna(article["title"])]
    if lost:
        widgets.plain(f"{' and '.join(map(_named, lost))}: there is nothing to compare. {NOT_KEPT}")
        return
    old, new = widgets.full_text(first), widgets.full_text(other)
    pieces = word_diff(old[:MAX_COMPARED], new[:MAX_COMPARED])
    kept = share_kept(pieces)
    widgets.plain(
        f"{_named(other)} against {first['publisher']}: "
        f"{'no words to compare' if kept != kept else f'{100 * kept:.0f} % of the first source’s words are kept'}.",
        "nt-line",
    )
    widgets.matrix(("What stays in a copy", "kept", "left out", "added"), facts(old, new, story, copy, mentions))
    widgets.plain("Struck through: in the first source alone. Underlined: in the copy alone. Title first.")
    left_out = widgets.diff(pieces)
    if left_out or max(len(old), len(new)) > MAX_COMPARED:
        widgets.plain(
            f"Not drawn: {left_out:,} more pieces. Compared: the first {MAX_COMPARED:,} characters of each text."
        )
    widgets.page_link("add", "Correct what was read of this copy", article=copy, **replay.carried(view))
    widgets.download(
        "Differences CSV", lambda: pd.DataFrame(pieces), "newstape-story-differences.csv", "csv_differences"
    )


def _named(article: pd.Series) -> str:
    return article["publisher"] + (f" ({article['relation']})" if pd.notna(article["relation"]) else "")


def facts(old: str, new: str, story: pd.Series, copy: str, mentions: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Numbers, names, links and posts: (kind, kept, left out, added), each in words."""

    def mentioned(article: str, kinds: tuple[str, ...]) -> list[str]:
        return mentions.loc[(mentions["article_id"] == article) & mentions["kind"].isin(kinds), "value"].tolist()

    both = story["first_article_id"], copy
    found = {
        "Numbers": agreement(numbers(old), numbers(new)),
        "Names": agreement(*(mentioned(article, NAMES) for article in both)),
        "Links": agreement(addresses(old), addresses(new)),
        "Posts": agreement(*(mentioned(article, ("embedded post",)) for article in both)),
    }
    return [(kind, *_three(states)) for kind, states in found.items() if states != Agreement((), (), ())]


def _three(states: Agreement) -> tuple[str, str, str]:
    stated = len(states.kept) + len(states.missing)
    return (
        f"{len(states.kept)} of {stated}" + (f": {words.some(states.kept, FACTS)}" if states.kept else "")
        if stated
        else "–",
        words.some(states.missing, FACTS),
        words.some(states.added, FACTS),
    )

"""Articles as rows: identity, what is known when, revisions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.anchors import anchors
from analysis.extract import Extracted
from connectors.records import Article
from data import queries
from data.corrections import Corrections, as_stated
from data.lake import Counts, Lake, Snapshot
from data.tables import ARTICLE_VERSIONS, ARTICLES

#: What a revision is not told by.
NEVER_REWRITTEN = ("first_seen_at", "known_at", "known_at_assumed", "revised_at")
#: What an article says: kept in ``article_versions`` when its publisher changes it.
VERSIONED = ("title", "summary", "text", "published_at", "published_precision")
#: Publishers reuse addresses (a daily recap); they also correct dates by hours and titles by words.
ANOTHER_AFTER, ANOTHER_BELOW = pd.Timedelta(days=2), 1 / 3
#: Optional fields: a publisher that no longer states one does not erase it.
_OPTIONAL = [c.name for c in ARTICLES.columns if c.nullable]


def article_id(url: str | None, text: str) -> str:
    """The first 16 hex digits of the SHA-256 of the canonical URL, or of the text where there is none."""
    return hashlib.sha256((url or " ".join(text.split())).encode("utf-8", "replace")).hexdigest()[:16]


def fetched(records: Iterable[Article], now: datetime) -> pd.DataFrame:
    """Rows for articles that a connector fetched: known since we saw them."""
    rows = []
    for r in records:
        text = "\n\n".join(part for part in (r.summary, r.body) if part) or None
        rows.append(
            {
                "article_id": article_id(r.url, f"{r.title}\n{text}"),
                "source": r.source,
                "publisher": r.publisher,
                "url": r.url,
                "title": r.title,
                "title_derived": False,
                "summary": r.summary,
                "body": r.body,
                "text": text,
                "author": r.author,
                "language": r.language,
                "published_at": r.published_at,
                "published_precision": r.published_precision,
                "published_not_before": r.published_not_before,
                "indexed_at": r.indexed_at,
                "first_seen_at": r.first_seen_at or now,
                "known_at": r.first_seen_at or now,
                "known_at_assumed": False,
                "revisions": 0,
            }
        )
    return pd.DataFrame(rows, columns=ARTICLES.names, dtype=object)


def imported(
    extracted: Extracted,
    *,
    now: datetime,
    source: str,
    publisher: str,
    url: str | None = None,
    title: str | None = None,
    published_at: datetime | None = None,
    published_precision: str | None = None,
) -> pd.DataFrame:
    """One row for a pasted or saved article; what the caller states wins over what the text says."""
    heading = title or extracted.heading
    text = extracted.full_text[len(extracted.heading) + 1 :]
    row = {
        "article_id": article_id(url, text),
        "source": source,
        "publisher": publisher,
        "url": url,
        "title": heading,
        "title_derived": title is None and extracted.title is None,
        "text": text or None,
        "body": extracted.body or None,
        "captions": "\n".join(extracted.captions) or None,
        "posts": "\n\n".join(f"{post.text}\n{post.signature}".strip() for post in extracted.posts) or None,
        "boilerplate": "\n\n".join(extracted.boilerplate) or None,
        "author": extracted.author,
        "language": extracted.language,
        "published_at": published_at or extracted.published_at,
        "published_precision": published_precision if published_at else extracted.precision,
        "published_not_before": None if published_at else extracted.published_not_before,
        "date_conflicts": "; ".join(extracted.date_conflicts) or None,
        "first_seen_at": now,
        "known_at_assumed": True,
        "revisions": 0,
    }
    return with_assumed_known_at(pd.DataFrame([row], columns=ARTICLES.names, dtype=object))


def with_assumed_known_at(frame: pd.DataFrame) -> pd.DataFrame:
    """Fill ``known_at`` of rows that were not fetched live: the end of their publication's span.

    Where nothing is known of it, ``first_seen_at``.
    """
    times = frame[["published_at", "published_precision", "indexed_at", "published_not_before"]].copy()
    for column in ("published_at", "indexed_at", "published_not_before"):
        times[column] = pd.to_datetime(times[column], utc=True)
    anchor = anchors(times)["anchor_at"]
    first_seen = pd.to_datetime(frame["first_seen_at"], utc=True).astype(anchor.dtype)
    return frame.assign(known_at=anchor.fillna(first_seen), known_at_assumed=True)


@dataclass(frozen=True)
class Revised:
    """Incoming articles beside what is stored of them."""

    rows: pd.DataFrame  # as they are to be stored, one an article
    written: list[str]  # ids that are new, or of which a field has changed
    new: frozenset[str]
    replaced: pd.DataFrame  # rows of article_versions: what the changed ones said before


def revise(at: Snapshot, rows: pa.Table) -> Revised:
    """Sort validated articles into new, revised and known ones.

    A changed field counts as a revision and keeps ``first_seen_at`` and ``known_at``; a field no longer
    stated keeps its value; another source only fills in what is missing. An address that now stands over another
    article (other words in its title, published days apart) makes an article of its own.

    All that goes by what publishers state; analysts' corrections are laid over what comes of it.
    """
    incoming = _as_stated(rows.to_pandas())
    present, stored = _stored(at, incoming)
    reused = incoming["article_id"].isin(stored.index[_another(incoming, stored)])
    if reused.any():
        incoming.loc[reused, "article_id"] = [
            article_id(f"{row.url} {row.published_at.isoformat()}", row.title) for row in incoming[reused].itertuples()
        ]
        present, stored = _stored(at, incoming)
    incoming = incoming.set_index("article_id", drop=False)
    both = incoming.index.intersection(stored.index)
    seen_now = incoming.loc[both, "first_seen_at"]
    for column in _OPTIONAL:
        incoming.loc[both, column] = incoming.loc[both, column].fillna(stored.loc[both, column])
    second_hand = both[_second_hand(incoming.loc[both], stored.loc[both])]
    for column in ARTICLES.values:
        incoming.loc[second_hand, column] = stored.loc[second_hand, column].fillna(incoming.loc[second_hand, column])
    # What we saw stays seen when we saw it; what was assumed follows the publication time it was assumed from.
    for column in ("known_at", "known_at_assumed"):
        observed = both[~(stored.loc[both, "known_at_assumed"] & incoming.loc[both, "known_at_assumed"])]
        incoming.loc[observed, column] = stored.loc[observed, column]
    incoming.loc[both, "first_seen_at"] = stored.loc[both, "first_seen_at"]
    undated = both[incoming.loc[both, "known_at_assumed"] & (incoming.loc[both, "known_at"] == seen_now)]
    incoming.loc[undated, "known_at"] = stored.loc[undated, "first_seen_at"]
    incoming = _with_assumed(Corrections.of(at, list(incoming.index)).over_articles(incoming), incoming)
    changed = _differs(incoming.loc[both], present.loc[both])
    incoming.loc[both, "revisions"] = present.loc[both, "revisions"] + changed.astype("int64")
    told_otherwise = both[changed & _differs(incoming.loc[both], present.loc[both], VERSIONED)]
    incoming.loc[told_otherwise, "revised_at"] = seen_now[told_otherwise]
    before = present.loc[told_otherwise]
    replaced = before[["article_id", *VERSIONED]].assign(
        revision=before["revisions"],
        seen_from=before["revised_at"]
        .fillna(before["known_at"].where(before["known_at"] < incoming.loc[told_otherwise, "known_at"]))
        .fillna(incoming.loc[told_otherwise, "known_at"]),
        seen_until=seen_now[told_otherwise],
    )
    written = [i for i in incoming.index if i not in stored.index or bool(changed.get(i, False))]
    return Revised(incoming, written, frozenset(incoming.index.difference(stored.index)), replaced)


def _stored(at: Snapshot, incoming: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is stored of these articles, by their id: as it is, and as their publishers stated it."""
    present = queries.articles(at, list(incoming["article_id"])).set_index("article_id", drop=False)
    return present, _as_stated(present)


def _as_stated(articles: pd.DataFrame) -> pd.DataFrame:
    return _with_assumed(as_stated(articles), articles)


def _with_assumed(articles: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """What ``known_at`` was assumed from may have changed since ``before``."""
    moved = articles["known_at_assumed"] & _differs(articles, before, ("published_at", "published_precision"))
    if moved.any():
        articles = articles.copy()
        articles.loc[moved, "known_at"] = with_assumed_known_at(articles[moved])["known_at"]
    return articles


def again(at: Snapshot, ids: Sequence[str], now: datetime) -> pa.Table:
    """Stored articles as if they had just come once more: merged, they take on the corrections that hold now."""
    return pa.Table.from_pandas(
        queries.articles(at, ids).assign(first_seen_at=pd.Timestamp(now)), schema=ARTICLES.schema, preserve_index=False
    )


def merge_articles(lake: Lake, batches: Sequence[pa.Table]) -> tuple[list[Counts], list[str]]:
    """Merge validated articles of several sources and keep what they said before; call within ``lake.writing()``.

    Returns the counts, one a batch, and the ids written. An article that two of the batches have is merged as if
    the later one had come later.
    """
    counts, written = [Counts()] * len(batches), []
    left = [(n, rows) for n, rows in enumerate(batches) if rows.num_rows]
    while left:
        seen: set[str] = set()
        turn, later = [], []
        for n, rows in left:
            first = pa.array([article not in seen for article in rows["article_id"].to_pylist()])
            seen.update(rows["article_id"].to_pylist())
            turn.append((n, rows.filter(first)))
            if (rest := rows.filter(pc.invert(first))).num_rows:
                later.append((n, rest))
        states = _merge_once(lake, pa.concat_tables([rows for _, rows in turn]))
        in_order = iter(states.values())
        for n, rows in turn:
            counts[n] += sum(islice(in_order, rows.num_rows), Counts())
        written += [article for article, state in states.items() if state.written and article not in written]
        left = later
    return counts, written


def _merge_once(lake: Lake, rows: pa.Table) -> dict[str, Counts]:
    """What became of each row, in their order, by the id it is stored under."""
    revised = revise(lake.newest(), rows)
    versions = revised.replaced[revised.replaced["seen_from"] < revised.replaced["seen_until"]]
    lake.merge("article_versions", pa.Table.from_pandas(versions, schema=ARTICLE_VERSIONS.schema, preserve_index=False))
    table = pa.Table.from_pandas(revised.rows, schema=ARTICLES.schema, preserve_index=False)
    lake.merge("articles", table, keep=("first_seen_at",))
    written = set(revised.written)
    return {
        i: Counts(same=1) if i not in written else Counts(new=1) if i in revised.new else Counts(changed=1)
        for i in revised.rows.index
    }


def _second_hand(incoming: pd.DataFrame, stored: pd.DataFrame) -> pd.Series:
    """Which articles come by another source than before: they fill in what is not known, and change nothing.

    Two feeds that carry one article would else revise it in turn for ever. What a person brings goes before what
    was fetched, and a publisher's date before that of an index.
    """
    dated = stored["published_at"].isna() & incoming["published_at"].notna()
    by_hand = incoming["known_at_assumed"]
    return (incoming["source"] != stored["source"]) & ~dated & ~by_hand


def _another(incoming: pd.DataFrame, stored: pd.DataFrame) -> pd.Series:
    """Which of the stored articles share only their address with the incoming one."""
    came = incoming.set_index("article_id").reindex(stored.index)
    apart = (came["published_at"] - stored["published_at"]).abs() > ANOTHER_AFTER
    others = [_shared_words(a, b) < ANOTHER_BELOW for a, b in zip(came["title"], stored["title"], strict=True)]
    return apart & pd.Series(others, index=stored.index, dtype=bool)


def _shared_words(a: str, b: str) -> float:
    """Words in both titles over words in either (Jaccard)."""
    one, other = (set(re.findall(r"\w+", title.lower())) for title in (a, b))
    return len(one & other) / max(1, len(one | other))


def _differs(
    incoming: pd.DataFrame, stored: pd.DataFrame, columns: Sequence[str] = tuple(ARTICLES.values)
) -> pd.Series:
    result = pd.Series(False, index=incoming.index)
    for column in columns:
        if column not in (*NEVER_REWRITTEN, "revisions"):
            a, b = incoming[column], stored[column]
            result |= ~((a == b) | (a.isna() & b.isna()))
    return result


def curated_mentions(ids: Sequence[str], frame: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """Mentions from columns of ``"; "``-separated names; ``kinds`` maps a column to its kind."""
    rows = [
        {
            "article_id": article,
            "kind": kind,
            "value": value.strip(),
            "offset": 0,
            "quote": value.strip(),
            "basis": "curated",
            "posted_at": None,
            "posted_precision": None,
        }
        for column, kind in kinds.items()
        for article, cell in zip(ids, frame[column], strict=True)
        for value in str(cell if cell is not None and cell == cell else "").split(";")
        if value.strip()
    ]
    return pd.DataFrame(
        rows, columns=["article_id", "kind", "value", "offset", "quote", "basis", "posted_at", "posted_precision"]
    )

"""What analysts correct of an article, laid over whatever its publisher and our reading say next.

A correction is a row of ``annotations`` whose ``field`` names what it is of; nothing is ever rewritten there. The
newest one of a thing holds; one without a value takes the earlier ones back. The *thing* is

- a field of an article (``FIELDS``),
- a mention: an article's kind and value, wherever they stand in the text,
- a claim: an article's quantity and the words quoted. Offsets would move with every word a publisher inserts.

``over_articles``, ``over_mentions`` and ``over_claims`` take what was just read and give what is to be stored. What
the publisher states in a corrected column goes into ``articles.stated``, so taking a correction back needs no pull.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.anchors import anchors
from data import queries
from data.correction_values import FIELDS, Correction, checked, correction_of, plain, why_no_correction
from data.snapshot import Snapshot
from data.tables import CLAIMS, MENTIONS


@dataclass(frozen=True)
class Corrections:
    """The corrections that hold, by article and thing."""

    held: Mapping[str, Mapping[tuple[str, ...], Correction]] = field(default_factory=dict)
    gone: tuple[tuple[str, Correction], ...] = ()  # by article: mentions that had come along, ever taken away
    unreadable: int = 0  # rows that hold no correction this version understands; left out

    @classmethod
    def of(cls, snapshot: Snapshot, ids: Sequence[str]) -> Corrections:
        """Those of these articles."""
        held: dict[str, dict[tuple[str, ...], Correction]] = {}
        gone: list[tuple[str, Correction]] = []
        unreadable = 0
        for row in queries.corrections(snapshot, ids).itertuples():
            if why_no_correction(row):
                unreadable += 1
                continue
            one = correction_of(row)
            things = held.setdefault(row.target_id, {})
            things.pop(one.thing, None)
            if not one.taken_back:
                things[one.thing] = one
            if one.field == "mention" and isinstance(one.was, dict) and one.was.get("basis") == "curated":
                gone.append((row.target_id, one))
        return cls({article: things for article, things in held.items() if things}, tuple(gone), unreadable)

    def with_more(self, article_id: str, made: Sequence[Correction]) -> Corrections:
        """These and newer ones."""
        things = dict(self.held.get(article_id, {}))
        for one in made:
            things.pop(one.thing, None)
            if not one.taken_back:
                things[one.thing] = one
        return Corrections({**self.held, article_id: things}, self.gone, self.unreadable)

    def _ids(self, name: str) -> set[str]:
        names = FIELDS if name == "article" else (name,)
        return {article for article, things in self.held.items() if any(thing[0] in names for thing in things)}

    def _things(self, article_id: str, name: str) -> list[Correction]:
        return [one for one in self.held[article_id].values() if one.field == name]

    # articles -----------------------------------------------------------------------------------------------

    def over_articles(self, articles: pd.DataFrame) -> pd.DataFrame:
        """Articles as stated (``as_stated``) to articles as corrected; both are rows of ``articles``."""
        concerned = self._ids("article")
        if not concerned:
            return articles
        return _rewritten(articles, articles["article_id"].isin(concerned), self._corrected)

    def _corrected(self, row: dict[str, Any]) -> dict[str, Any]:
        stated: dict[str, Any] = {}
        for name, columns in FIELDS.items():
            one = self.held[row["article_id"]].get((name,))
            if one is None:
                continue
            stated |= {column: plain(row[column]) for column in columns}
            row |= zip(columns, checked(name, one.value), strict=True)
        return row | {"stated": json.dumps(stated)}

    # mentions -----------------------------------------------------------------------------------------------

    def brought(self, snapshot: Snapshot, ids: Sequence[str]) -> pd.DataFrame:
        """Mentions that came along with these articles, those that a correction took away included.

        They stand instead of what is read from the text, also when the article is read again.
        """
        found = queries.mentions_brought(snapshot, ids)
        gone = [
            dict.fromkeys(MENTIONS.names)
            | {"article_id": article, "kind": kind, "value": value, "offset": 0, "quote": value, "basis": "curated"}
            for article, (_, kind, value) in ((article, one.thing) for article, one in self.gone)
            if article in ids
        ]
        if not gone:
            return found
        both = pd.concat([found.astype(object), pd.DataFrame(gone, columns=MENTIONS.names, dtype=object)])
        return both.drop_duplicates(list(MENTIONS.key))

    def over_mentions(self, mentions: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
        """Mentions as read to mentions as corrected; ``articles`` are the rows they were read from."""
        concerned = self._ids("mention")
        if not concerned:
            return mentions
        added = []
        keep = pd.Series(True, index=mentions.index)
        for article in articles[articles["article_id"].isin(concerned)].itertuples():
            of_it = mentions["article_id"] == article.article_id
            for one in self._things(article.article_id, "mention"):
                _, kind, value = one.thing
                same = of_it & (mentions["kind"] == kind) & (mentions["value"] == value)
                if one.value is None:
                    keep &= ~same
                elif not same.any():
                    added.append(_mention(article, one.value))
        kept = mentions[keep]
        if not added:
            return kept
        return pd.concat([kept.astype(object), pd.DataFrame(added, columns=MENTIONS.names, dtype=object)])

    # claims -------------------------------------------------------------------------------------------------

    def over_claims(self, claims: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
        """Claims as read to claims as corrected; ``articles`` are the rows they were read from.

        A claim that is no longer read stands as long as its words do. Where two begin at the same place, the
        analyst's is kept.
        """
        concerned = self._ids("claim")
        if not concerned:
            return claims
        articles = articles[articles["article_id"].isin(concerned)]
        touched = claims["article_id"].isin(articles["article_id"])
        made = []
        for article, span in zip(articles.itertuples(), anchors(articles).itertuples(), strict=True):
            read = claims[claims["article_id"] == article.article_id].to_dict("records")
            made += self._claims(article, span, read)
        if not made:
            return claims[~touched]
        frame = pd.DataFrame(made, columns=CLAIMS.names)
        for column in ("as_of", "as_of_end"):
            frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
        rest = claims[~touched]
        return pd.concat([rest.astype(object), frame.astype(object)]) if len(rest) else frame

    def _claims(self, article: Any, span: Any, read: list[dict[str, Any]]) -> list[dict[str, Any]]:
        text = text_of(article)
        begin = len(article.title) + 1 if article.title_derived else 0
        mine: dict[int, dict[str, Any]] = {}
        for one in self._things(article.article_id, "claim"):
            _, quantity, quote = one.thing
            same = [row for row in read if (row["quantity"], row["quote"]) == (quantity, quote)]
            read = [row for row in read if row not in same]
            if one.value is None:
                continue
            stated = checked("claim", one.value)
            at = text.find(stated["quote"], begin)
            for row in same or [{"offset": at}] * (at >= 0):
                row = {**dict.fromkeys(CLAIMS.names), **row, "article_id": article.article_id, **stated}
                if pd.isna(row["as_of"]) and row["modality"] == "current" and span.anchor_basis:
                    row["as_of"], row["as_of_end"] = span.span_start, span.span_end
                    row["as_of_precision"] = article.published_precision if pd.notna(article.published_at) else "day"
                mine[row["offset"]] = row
        return [*(row for row in read if row["offset"] not in mine), *mine.values()]


def as_stated(articles: pd.DataFrame) -> pd.DataFrame:
    """Stored articles as their publishers stated them: what ``over_articles`` has laid over taken off again."""
    corrected = articles["stated"].notna()
    return _rewritten(articles, corrected, _uncovered) if corrected.any() else articles


def text_of(article: Any) -> str:
    """What offsets count in: title, line break, text."""
    return f"{article.title}\n{article.text if isinstance(article.text, str) else ''}"


def _uncovered(row: dict[str, Any]) -> dict[str, Any]:
    columns = {column for names in FIELDS.values() for column in names}
    try:
        stated = json.loads(row["stated"])
        put_back = {name: value for name, value in stated.items() if name in columns}
        if put_back.get("published_at"):
            put_back["published_at"] = pd.Timestamp(put_back["published_at"]).tz_convert("UTC")
    except (ValueError, TypeError, AttributeError):  # a file someone brought: what stands in the columns is stated then
        put_back = {}
    return row | put_back | {"stated": None}


def _rewritten(articles: pd.DataFrame, where: pd.Series, change: Any) -> pd.DataFrame:
    """``articles`` with ``change`` made to each row of ``where``; few rows, so column by column of each."""
    if not where.any():
        return articles
    articles = articles.copy()
    columns = [column for names in FIELDS.values() for column in names] + ["stated"]
    changed = [change(row) for row in articles.loc[where, ["article_id", *columns]].to_dict("records")]
    for column in columns:
        values = pd.Series([row[column] for row in changed], index=articles.index[where], dtype=object)
        if column == "published_at":
            values = pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
        elif column != "title_derived":
            values = values.where(values.notna(), None).astype("str")
        whole = articles[column].astype(values.dtype)
        whole[where] = values
        articles[column] = whole.astype(bool) if column == "title_derived" else whole
    return articles


def _mention(article: Any, value: dict[str, str]) -> dict[str, Any]:
    kind, named, quote = checked("mention", value).values()
    at = text_of(article).find(quote)
    return {
        **dict.fromkeys(MENTIONS.names),
        "article_id": article.article_id,
        "kind": kind,
        "value": named,
        "offset": max(at, 0),
        "quote": quote if at >= 0 else named,
        "basis": "corrected",
    }

"""A story that a person adds or corrects: read and shown first, stored when they say so.

Reading (``draft_of``, ``fetched_draft``, ``stored_draft``) stores nothing. Saving takes the lake's writer lock, and
publishes the article, the corrections and all that follows from them at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from connectors.answers import excerpt, is_html
from connectors.contained import Contained
from connectors.errors import SourceError
from connectors.records import Limits, Request
from connectors.transport import Transport
from connectors.urls import canonical_url
from data import queries
from data.articles import again, article_id, merge_articles, revise
from data.correction_values import Correction, rows
from data.corrections import Corrections, as_stated, text_of
from data.enrich import enrich, read_articles
from data.import_articles import KINDS, MAX_PAGE_BYTES, article_row
from data.import_files import BadFile
from data.ingest import AHEAD, Batch, new_run_id, take
from data.lake import Counts, Lake, Snapshot
from data.tables import ARTICLES
from data.validate import validate

#: What the ledger of runs calls this.
SOURCE = "add a story"
#: One page, asked for once, while a person waits.
LIMITS = Limits(timeout_s=20.0, max_bytes=MAX_PAGE_BYTES)
#: How it is fetched; tests put a loopback one in its place.
open_transport = Transport
_FIGURE = re.compile(
    r"(?:US)?\$ ?\d[\d.,]*+(?: ?(?:trillion|billion|million|thousand|tn|bn|mn|[TBMK])\b)?"
    r"|(?<![\d.,])\d[\d.,]*+ ?(?:%|per ?cent\b)",
    re.I,
)


@dataclass(frozen=True)
class Draft:
    """An article as it would be stored, or is, with all that is read from it."""

    article: pd.DataFrame  # one row of ``articles``
    mentions: pd.DataFrame
    claims: pd.DataFrame
    same: pd.DataFrame  # stored articles of the same id, address or text: ``queries.same_articles``
    corrections: tuple[Correction, ...]  # that hold
    stored: bool  # it is in the lake, and this is how

    @property
    def row(self) -> pd.Series:
        return self.article.iloc[0]

    @property
    def article_id(self) -> str:
        return self.row["article_id"]

    @property
    def text(self) -> str:
        """What offsets count in, and where a claim's quote must occur."""
        return text_of(self.row)

    @property
    def begin(self) -> int:
        """Where reading begins: a derived title is the text's first words once more."""
        return len(self.row["title"]) + 1 if self.row["title_derived"] else 0

    def unread(self, most: int) -> tuple[list[str], int]:
        """Figures in dollars or percent that no claim quotes: ``most`` of them, with words around, and their count."""
        text, count = self.text, 0
        quoted = bytearray(len(text))
        for at, quote in zip(self.claims["offset"], self.claims["quote"], strict=True):
            quoted[at : at + len(quote)] = b"\1" * len(quote)
        found = []
        for match in _FIGURE.finditer(text, self.begin):
            if quoted[match.start()]:
                continue
            count += 1
            if count <= most:
                begin, end = max(self.begin, match.start() - 50), min(len(text), match.end() + 30)
                around = " ".join(text[begin:end].split())
                found.append(f"{'…' * (begin > self.begin)}{around[:300]}{'…' * (end < len(text))}")
        return found, count


def draft_of(at: Snapshot, raw: bytes, name: str, now: datetime, *, url: str | None = None) -> Draft:
    """A pasted text or an uploaded file, read; ``name`` is what it is called. Raises ``BadFile`` with a sentence."""
    with Contained(workers=1) as contained:
        row = article_row(contained, raw, name, now, page=name.lower().endswith(KINDS[:2]), url=address(url))
    return _draft(at, _not_ahead(row, now), stored=False)


def fetched_draft(at: Snapshot, url: str, now: datetime) -> Draft:
    """The page at a public address, fetched and read. Raises ``BadFile`` with a sentence."""
    asked = address(url)
    if asked is None:
        raise BadFile("Give the address of the story: it begins with https:// or http://.")
    try:
        with open_transport(environ={}) as transport:  # whatever is asked here, no key goes with it
            answer = transport.send(Request(asked, now), LIMITS)
    except SourceError as error:
        raise BadFile(str(error)) from error
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not is_html(answer.body) and kind and not re.fullmatch(r"text/(html|plain)|application/xhtml\+xml", kind):
        raise BadFile(f"{asked} is {excerpt(kind)}, not a web page; paste the story's text instead.")
    with Contained(workers=1) as contained:
        row = article_row(contained, answer.body, asked, now, page=kind != "text/plain", url=asked)
    return _draft(at, _not_ahead(row, now), stored=False)


def stored_draft(at: Snapshot, article_id: str) -> Draft | None:
    """A stored article as it is, to be corrected; None where there is none of this id."""
    article = queries.articles(at, [article_id])
    return _draft(at, article, stored=True) if len(article) else None


def address(url: str | None) -> str | None:
    """The canonical form of an address that someone typed. Raises ``BadFile``."""
    if not (url or "").strip():
        return None
    try:
        return canonical_url(url)
    except ValueError as error:
        raise BadFile(
            f"{excerpt(url)!r} is not an address of the web: it begins with https:// or http:// and names a host."
        ) from error


def moved(at: Snapshot, draft: Draft, url: str | None) -> Draft:
    """A draft under another address, which makes it another article. Raises ``BadFile``."""
    found, row = address(url), as_stated(draft.article)
    if found == (None if pd.isna(row["url"].iloc[0]) else row["url"].iloc[0]):
        return draft
    text = row["text"].iloc[0]
    return _draft(at, row.assign(url=found, article_id=article_id(found, text or "")), stored=False)


@dataclass(frozen=True)
class Saved:
    """What came of saving."""

    article_id: str
    story_id: str
    shown_at: pd.Timestamp  # where the story stands on the timeline
    counts: Counts  # of the article
    corrections: int


def save(
    lake: Lake, draft: Draft, made: Sequence[Correction], *, author: str = "", note: str = "", now: datetime
) -> Saved:
    """Store a draft with what was corrected of it; one commit.

    A new article is taken in as it was read, with a run written down, and the corrections are laid over it. Raises
    ``data.lake.LakeError`` where the lake cannot be written to, ``BadFile`` where the article cannot be stored; then
    nothing is changed.
    """
    with lake.writing():
        if draft.stored:
            name, counts = draft.article_id, Counts()
            _annotate(lake, name, made, author, note, now)
            if made:
                [counts], _ = merge_articles(lake, [again(lake.newest(), [name], now)])
                enrich(lake, [name])
        else:
            frame = as_stated(draft.article)
            name = _stored_under(lake, frame)
            _annotate(lake, name, made, author, note, now)
            taken = take(lake, new_run_id(now), Batch(SOURCE, "articles", frame, now))
            if taken.rejects:
                raise BadFile(f"The story cannot be stored: {taken.rejects[0].reason}.")
            counts = taken.counts
            if made and not counts.written:
                enrich(lake, [name])
        at = lake.newest()
        story = queries.stories_of(at, [name])["story_id"].iloc[0]
        shown_at = queries.stories(at, story_id=story)["shown_at"].iloc[0]
    return Saved(name, story, shown_at, counts, len(made))


def _annotate(lake: Lake, name: str, made: Sequence[Correction], author: str, note: str, now: datetime) -> None:
    if made:
        lake.merge("annotations", rows(name, made, author=author, note=note, now=now))


def _stored_under(lake: Lake, frame: pd.DataFrame) -> str:
    """The id that an article gets: not its own where its address stands over another one now."""
    at, name = lake.newest(), frame["article_id"].iloc[0]
    if queries.articles(at, [name]).empty:
        return name
    return revise(at, validate(frame, ARTICLES).rows).rows.index[0]


def _not_ahead(row: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """A row whose time of publication, where it lies in the future, is told among the dates that disagree."""
    published = row["published_at"].iloc[0]
    if published is None or published <= now + AHEAD:
        return row
    conflicts = "; ".join(
        filter(None, [row["date_conflicts"].iloc[0], f"a time to come: {published:%Y-%m-%d %H:%M} UTC"])
    )
    return row.assign(
        published_at=None, published_precision=None, date_conflicts=conflicts, known_at=row["first_seen_at"]
    )


def _draft(at: Snapshot, row: pd.DataFrame, *, stored: bool) -> Draft:
    valid = validate(row, ARTICLES)
    if valid.rejects:
        raise BadFile(f"The story cannot be stored: {valid.rejects[0].reason}.")
    article = valid.rows.to_pandas()
    ids = list(article["article_id"])
    corrections = Corrections.of(at, ids)
    article = corrections.over_articles(as_stated(article))
    mentions, claims = read_articles(article, corrections.brought(at, ids), corrections)
    one = article.iloc[0]
    url, text = (None if pd.isna(one[name]) else one[name] for name in ("url", "text"))
    same = queries.same_articles(at, ids[0], url, text)
    held = tuple(corrections.held.get(ids[0], {}).values())
    if stored:
        same = same[same["article_id"] != ids[0]]
    return Draft(
        article,
        mentions.reset_index(drop=True),
        claims.sort_values("offset").reset_index(drop=True),
        same.reset_index(drop=True),
        held,
        stored,
    )


def taken_back(one: Correction) -> Correction:
    """The correction that ends this one."""
    return replace(one, value=None, was=one.was or one.value, taken_back=True, note="", author="", created_at=None)

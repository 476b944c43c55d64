"""Which articles tell the same story, decided in the order of their publication.

Every article joins the open story that its words, figures, links, posts and time come nearest to, or opens one; an
article that shows two stories to be one merges them. Weights come from a fixed background (``story_words``).

**Order.** Published, else known, else last; then ``article_id``. The outcome is a function of the set of articles.

**Batches.** What is decided in one batch (a UTC day) may be decided otherwise while that day's articles still come
in; later articles never move those of an earlier day. So with ``t0`` at the start of a day, clustering everything
gives for the articles from ``t0`` on what clustering them gives with those of ``[t0 - SPAN, t0)`` as ``assigned``,
and leaves these where they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta

import numpy as np
import pandas as pd

from analysis.story_features import SCALE, Features, features
from analysis.story_relations import relations
from analysis.story_window import GAP, SPAN, Settings, Story, Window

__all__ = ["BATCH", "GAP", "SPAN", "Settings", "cluster"]

BATCH = timedelta(days=1)
_BATCH_US = BATCH / timedelta(microseconds=1)

Embed = Callable[[list[str]], np.ndarray]


def cluster(
    articles: pd.DataFrame,
    *,
    assigned: pd.Series | None = None,
    embed: Embed | None = None,
    settings: Settings = Settings(),  # noqa: B008 - frozen
) -> pd.DataFrame:
    """The story of each article, in the order of the rows.

    ``articles``: ``article_id``, ``title``; ``url``, ``body``, ``published_at``, ``known_at`` (aware, UTC) where they
    are known. ``assigned``: story ids by ``article_id``, for rows that are decided already: they stay there, and a
    story whose first article is not among them takes no more. ``embed``: texts to a row of floats each
    (``data.embeddings.load()``).

    Returns ``article_id``; ``story_id``, "s" and the id of its first article; ``relation`` to the articles before it
    in the story (``original``, ``syndicated``, ``rewritten``, ``follow-up``); ``similarity`` to the story's first
    article, 0 to 1. Raises ``ValueError`` if an ``article_id`` is missing or there twice.
    """
    ids = [str(i) for i in articles["article_id"]]
    _refuse_unclear(articles["article_id"], ids)
    times = _times(articles)
    order = sorted(range(len(ids)), key=lambda row: (times[row], ids[row]))
    titles, bodies = _texts(articles, "title"), _texts(articles, "body")
    given = {} if assigned is None else {str(k): v for k, v in assigned.items() if isinstance(v, str)}
    out: list[tuple[str, str, float]] = [("", "", 0.0)] * len(ids)
    kept: dict[int, Features] = {}  # of articles whose story is open

    def close(name: str, members: list[int]) -> None:
        for at, told in zip(members, relations([kept.pop(at) for at in members]), strict=True):
            out[order[at]] = (name, *told)

    def close_open(stories: Iterator[Story]) -> None:
        for story in stories:
            close("s" + ids[order[story.members[0]]], story.members)

    window = Window(settings, with_sense=embed is not None)
    known: dict[str, Story] = {}
    apart: dict[str, list[int]] = {}  # assigned articles of stories that are closed
    batch = None
    for at, (row, sense) in enumerate(zip(order, _senses(embed, [titles[row] for row in order]), strict=True)):
        when = times[row]
        today = when if math.isinf(when) else when // _BATCH_US
        if today != batch:
            batch = today
            window.settle()
        close_open(window.expire(when))
        kept[at] = text = features(titles[row], bodies[row])
        name = given.get(ids[row])
        article = window.story_of(at, when, text, sense)
        if name is None:
            window.decide(article)
        elif name in known and known[name].number in window.open:
            window.add(known[name], article)
        elif name not in known and name == "s" + ids[row]:
            known[name] = window.begin(article)
            article.settled = True
        else:
            apart.setdefault(name, []).append(at)
    window.settle()
    close_open(iter(list(window.open.values())))
    for name, members in apart.items():
        close(name, members)
    story_ids, told, similar = zip(*out, strict=True) if out else ((), (), ())
    return pd.DataFrame(
        {
            "article_id": articles["article_id"].to_numpy(),
            "story_id": pd.Series(story_ids, dtype="str"),
            "relation": pd.Series(told, dtype="str"),
            "similarity": np.array(similar, dtype=float),
        }
    )


def _refuse_unclear(column: pd.Series, ids: list[str]) -> None:
    if column.isna().any():
        raise ValueError("cluster: an article has no article_id; every row needs its own")
    if len(set(ids)) != len(ids):
        twice = column[column.duplicated()].iloc[0]
        raise ValueError(f"cluster: article_id {str(twice)[:80]!r} is there more than once; every row needs its own")


def _times(articles: pd.DataFrame) -> list[float]:
    """Microseconds since 1970; infinity where no time is known."""
    at = pd.Series(pd.NaT, index=articles.index, dtype="datetime64[us, UTC]")
    for column in ("published_at", "known_at"):
        if column in articles:
            at = at.fillna(pd.to_datetime(articles[column], utc=True).astype("datetime64[us, UTC]"))
    return [math.inf if missing else float(us) for us, missing in zip(at.astype("int64"), at.isna(), strict=True)]


def _texts(articles: pd.DataFrame, column: str) -> list[str]:
    if column not in articles:
        return [""] * len(articles)
    return [text if isinstance(text, str) else "" for text in articles[column]]


def _senses(embed: Embed | None, texts: list[str], at_once: int = 4096) -> Iterator[np.ndarray | None]:
    if embed is None:
        yield from [None] * len(texts)
        return
    for start in range(0, len(texts), at_once):
        rows = np.asarray(embed([text[:1000] for text in texts[start : start + at_once]]), dtype=float)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        yield from np.rint(SCALE * rows / np.where(lengths > 0, lengths, 1))

"""Stories in the lake: the same from any order of arrival, and ids that go on to where their story went.

What clustering makes of all articles at once (``analysis.stories.cluster``, tested on its own) is what to expect of the
lake, however the articles came into it.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from lake_rows import fit, stored

from analysis.stories import SPAN, cluster
from data import queries, stories
from data.articles import article_id
from data.enrich import enrich_all
from data.ingest import Batch, take
from data.stories import refresh_stories

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FIRST = datetime(2025, 3, 1, tzinfo=UTC)
#: Six unlike events, in two wordings each that share names and numbers.
TOLD = [
    (
        (
            "Harbour exchange loses $41 million to forged withdrawal keys",
            "Thieves take $41 million from Harbour exchange",
        ),
        "Harbour exchange said forged withdrawal keys let thieves take $41 million from its hot wallet in Lisbon.",
    ),
    (
        (
            "Senate of Freedonia adopts stablecoin law by 61 votes to 38",
            "Freedonia's Senate passes stablecoin law 61-38",
        ),
        "The Senate of Freedonia adopted the stablecoin law by 61 votes to 38; President Firefly wants to sign it.",
    ),
    (
        ("Northwind Mining orders 9,400 machines for its Oslo site", "Northwind Mining buys 9,400 rigs for Oslo"),
        "Northwind Mining ordered 9,400 machines for its site in Oslo and expects them to hum by October.",
    ),
    (
        ("Cedar Bank opens custody for Ether in Beirut", "Beirut's Cedar Bank starts Ether custody"),
        "Cedar Bank opened custody for Ether to its clients in Beirut after a licence from the regulator.",
    ),
    (
        ("Quorum network halts for 7 hours after validator fault", "Validator fault stops Quorum network for 7 hours"),
        "The Quorum network halted for 7 hours when a validator fault split its nodes; engineer Ada Moss mended it.",
    ),
    (
        ("Pelican fund files for a Litecoin ETF with the SEC", "SEC receives Pelican's filing for a Litecoin ETF"),
        "Pelican filed for a Litecoin ETF with the SEC, naming Granite Trust as custodian and a fee of 0.35 %.",
    ),
]


def article(n: int, event: int, wording: int, days: float, **other: object) -> dict:
    title, text = TOLD[event][0][wording], TOLD[event][1]
    at = FIRST + timedelta(days=days)
    return {
        "article_id": f"a{n:03}",
        "source": "feed",
        "publisher": f"Paper {n % 7}",
        "url": f"https://paper{n % 7}.example/{n}",
        "title": title,
        "title_derived": False,
        "text": text,
        "body": text,
        "published_at": at,
        "published_precision": "second",
        "first_seen_at": at + timedelta(minutes=5),
        "known_at": at + timedelta(minutes=5),
        "known_at_assumed": False,
        "revisions": 0,
        **other,
    }


def bring(lake, rows: list[dict]) -> stories.Moved:
    with lake.writing():
        lake.merge("articles", fit("articles", rows))
        return refresh_stories(lake, [row["article_id"] for row in rows])


def at_once(rows: list[dict]) -> dict[str, str]:
    frame = pd.DataFrame(rows).rename(columns={"text": "read"}).assign(body=lambda f: f["read"])
    found = cluster(frame[["article_id", "url", "title", "body", "published_at", "known_at"]])
    return dict(zip(found["article_id"], found["story_id"], strict=True))


def in_lake(lake) -> dict[str, str]:
    return {row["article_id"]: row["story_id"] for row in stored(lake.pin(), "story_members")}


def archive() -> list[dict]:
    """Sixty articles over a hundred days: each event comes up again and again, in either wording."""
    chance = random.Random(7)
    return [article(n, chance.randrange(6), chance.randrange(2), chance.uniform(0, 100)) for n in range(60)]


@pytest.mark.parametrize("order", range(2))
@pytest.mark.parametrize("at_a_time", [7, 20_000], ids=["few at a time", "all at a time"])
def test_any_order_of_arrival_gives_the_stories_of_all_at_once(lake, monkeypatch, order, at_a_time):
    monkeypatch.setattr(stories, "AT_ONCE", at_a_time)
    rows = archive()
    expected = at_once(rows)
    assert 6 < len(set(expected.values())) < len(rows), "some articles share a story, and not all of an event"

    coming = list(rows)
    random.Random(order).shuffle(coming)
    for n in range(0, len(coming), 17):
        bring(lake, coming[n : n + 17])

    assert in_lake(lake) == expected
    held = {row["story_id"]: row for row in stored(lake.pin(), "stories")}
    assert {i for i, row in held.items() if row["merged_into"] is None} == set(expected.values())
    assert all(row["merged_into"] == expected[i[1:]] for i, row in held.items() if row["merged_into"] is not None)


def test_a_story_is_its_first_article_and_spans_them_all(lake):
    later, first = article(2, 0, 1, 0.5), article(1, 0, 0, 0.25)
    bring(lake, [later, first])
    (row,) = stored(lake.pin(), "stories")
    assert (row["story_id"], row["first_article_id"], row["title"]) == ("sa001", "a001", first["title"])
    assert (row["first_at"], row["last_at"]) == (first["published_at"], later["published_at"])
    assert row["known_at"] == first["known_at"]


def test_an_earlier_article_that_comes_late_becomes_the_first_and_the_old_id_goes_on_to_it(lake):
    bring(lake, [article(2, 0, 1, 0.5)])
    moved = bring(lake, [article(1, 0, 0, 0.25)])
    assert moved == stories.Moved(("sa001",), ("sa002",))
    assert in_lake(lake) == {"a001": "sa001", "a002": "sa001"}
    assert {row["story_id"]: row["merged_into"] for row in stored(lake.pin(), "stories")} == {
        "sa001": None,
        "sa002": "sa001",
    }

    bring(lake, [article(0, 0, 0, 0.125)])  # and a still earlier one: every old id goes straight to it
    assert {row["story_id"]: row["merged_into"] for row in stored(lake.pin(), "stories")} == {
        "sa000": None,
        "sa001": "sa000",
        "sa002": "sa000",
    }


def test_an_article_whose_publisher_makes_another_story_of_it_leaves_and_may_come_back(lake):
    bring(lake, [article(1, 0, 0, 0), article(2, 0, 1, 0.5)])
    assert set(in_lake(lake).values()) == {"sa001"}

    other = article(2, 4, 0, 0.5)
    moved = bring(lake, [other])
    assert in_lake(lake) == {"a001": "sa001", "a002": "sa002"}
    assert set(moved.live) == {"sa001", "sa002"}

    bring(lake, [article(2, 0, 1, 0.5)])
    assert in_lake(lake) == {"a001": "sa001", "a002": "sa001"}
    assert {row["story_id"]: row["merged_into"] for row in stored(lake.pin(), "stories")} == {
        "sa001": None,
        "sa002": "sa001",
    }


def test_a_date_moved_out_of_its_story_takes_the_article_along(lake):
    far = SPAN / timedelta(days=1) * 3
    bring(lake, [article(1, 0, 0, 0), article(2, 0, 1, 0.5)])
    with lake.writing():  # as ``data.articles`` keeps what was said before
        before = {**article(2, 0, 1, 0.5), "revision": 0, "seen_from": FIRST, "seen_until": NOW}
        lake.merge("article_versions", fit("article_versions", [{k: before[k] for k in (
            "article_id", "revision", "title", "text", "published_at", "published_precision", "seen_from", "seen_until"
        )}]))  # fmt: skip
        row = article(2, 0, 1, far)
        lake.merge("articles", fit("articles", [row]))
        refresh_stories(lake, ["a002"])
    assert in_lake(lake) == {"a001": "sa001", "a002": "sa002"}
    rows = {row["story_id"]: row for row in stored(lake.pin(), "stories")}
    assert rows["sa001"]["last_at"] == FIRST


def test_only_what_an_article_can_alter_is_gone_through_again(lake, monkeypatch):
    """With 400 days of news stored, a late article is set beside those of about two spans, not beside all."""
    rows = [article(n, n % 6, 0, float(n)) for n in range(400)]
    bring(lake, rows)
    seen = []
    monkeypatch.setattr(
        stories, "cluster", lambda frame, **options: seen.append(len(frame)) or cluster(frame, **options)
    )
    bring(lake, [article(500, 3, 1, 200.5)])
    days = SPAN / timedelta(days=1)
    assert seen
    assert sum(seen) <= 4 * days + 4


def batch(rows: list[dict]) -> Batch:
    frame = pd.DataFrame([{**dict.fromkeys(fit("articles", []).column_names), **row} for row in rows], dtype=object)
    return Batch("feed", "articles", frame, NOW)


def test_what_a_merged_story_met_is_told_of_the_story_it_was_merged_into(lake):
    take(lake, "run-1", batch([article(2, 0, 1, 0.5)]))
    assert [row["story_id"] for row in stored(lake.pin(), "contexts") if row["asset"] == "BTC"] == ["sa002"]
    take(lake, "run-2", batch([article(1, 0, 0, 0.25)]))
    assert [row["story_id"] for row in stored(lake.pin(), "contexts") if row["asset"] == "BTC"] == ["sa001"]
    (shown,) = queries.stories(lake.pin()).itertuples()
    assert (shown.story_id, shown.articles) == ("sa001", 2)


def test_a_story_shows_at_an_earlier_clock_what_was_known_of_it_then(lake):
    """The first article came to us a day after the copy: until then the copy is what there is of the story."""
    first = article(1, 0, 0, 0.25, known_at=FIRST + timedelta(days=1.5), first_seen_at=FIRST + timedelta(days=1.5))
    copy = article(2, 0, 1, 0.5)
    bring(lake, [first, copy])

    (then,) = queries.stories(lake.pin(), known_at=FIRST + timedelta(days=1)).itertuples()
    assert (then.story_id, then.title, then.articles) == ("sa001", copy["title"], 1)
    assert then.shown_at == copy["published_at"]
    (now,) = queries.stories(lake.pin()).itertuples()
    assert (now.title, now.articles, now.shown_at) == (first["title"], 2, first["published_at"])


def test_reading_everything_again_changes_nothing_and_keeps_what_was_put_in_by_hand(sample_lake):
    tables = ("mentions", "claims", "stories", "story_members", "contexts", "claim_checks")
    before = {name: stored(sample_lake.pin(), name) for name in tables}
    assert any(row["basis"] == "curated" for row in before["mentions"])
    assert enrich_all(sample_lake) == len(stored(sample_lake.pin(), "articles"))
    assert {name: stored(sample_lake.pin(), name) for name in tables} == before


def test_ids_of_the_sample_are_those_of_its_articles(sample):
    """Stories are named for their first article, so an address that was shared once goes on to work."""
    assert all(row["story_id"] == f"s{row['first_article_id']}" for row in stored(sample, "stories"))
    assert article_id("https://x.example/", "") == article_id("https://x.example/", "other")


@pytest.mark.shared
def test_real_headlines_in_three_arrivals_give_the_stories_of_all_at_once(lake, shared):
    """Three weeks of a busy month, a third of them each time, the last ones first."""
    read = pd.read_parquet(shared / "data/news_headlines_cryptopanic_2017_2026.parquet")
    read = read[read["published_at"].between("2025-03-10", "2025-03-31", inclusive="left")].drop_duplicates("title")
    rows = [
        article(
            n, 0, 0, 0, title=one.title, text=None, body=None, url=None, published_at=one.published_at, known_at=NOW
        )
        for n, one in enumerate(read.itertuples())
    ]
    assert len(rows) > 1_500
    expected = at_once(rows)
    for n in (2, 0, 1):
        bring(lake, rows[n::3][::-1])
    assert in_lake(lake) == expected


@pytest.mark.parametrize("dates_it", ["indexed_at", "published_not_before", "known_at"])
def test_an_undated_article_that_turns_out_older_leaves_its_story_as_a_dated_one_would(lake, dates_it):
    """It led a story of the second day; it is found to have been there months before."""

    def undated(days: float) -> dict:
        return article(1, 0, 0, 0, published_at=None, **{dates_it: FIRST + timedelta(days=days)})

    bring(lake, [undated(1.0), article(2, 0, 1, 1.5)])
    assert in_lake(lake) == {"a001": "sa001", "a002": "sa001"}
    bring(lake, [undated(-200.0)])
    assert in_lake(lake) == {"a001": "sa001", "a002": "sa002"}


def test_an_export_at_an_earlier_clock_tells_a_story_by_what_was_known_of_it(lake):
    """As above: the first article came to us a day and a half after the copy, and the pairing is by the first."""
    late = FIRST + timedelta(days=1.5)
    first = article(1, 0, 0, 0.25, known_at=late, first_seen_at=late)
    copy = article(2, 0, 1, 0.5)
    take(lake, "run-1", batch([first, copy]))
    clock = FIRST + timedelta(days=1)
    (row,) = queries.export(lake.pin(), "stories", known_at=clock).itertuples()
    assert (row.story_id, row.first_article_id, row.title) == ("sa001", "a002", copy["title"])
    assert row.first_at == copy["published_at"]
    assert queries.export(lake.pin(), "contexts", known_at=clock).empty
    (now,) = queries.export(lake.pin(), "stories", known_at=late).itertuples()
    assert (now.first_article_id, now.title, now.first_at) == ("a001", first["title"], first["published_at"])

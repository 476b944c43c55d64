"""Articles seen again: what changes counts as a revision, and when we first knew of one is never rewritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from lake_rows import stored

from analysis.extract import from_text
from connectors.records import Article
from data import queries
from data.articles import article_id, curated_mentions, fetched, imported
from data.ingest import Batch, take
from data.lake import Counts

FIRST, LATER = datetime(2025, 3, 29, 8, tzinfo=UTC), datetime(2025, 3, 30, 9, tzinfo=UTC)
PUBLISHED = datetime(2025, 3, 29, 7, 30, tzinfo=UTC)


def article(**other) -> Article:
    return Article(
        **{
            "source": "bitcoinist",
            "publisher": "Bitcoinist",
            "url": "https://bitcoinist.com/story",
            "title": "Trump to host Bukele",
            "summary": "The market cap stood at $2.68 trillion.",
            "author": "A. Writer",
            "language": "en",
            "published_at": PUBLISHED,
            "published_precision": "second",
            **other,
        }
    )


@pytest.fixture
def see(lake):
    """Take these articles in as fetched at a time; returns the counts."""

    def see(now: datetime, *articles: Article) -> Counts:
        taken = take(
            lake, f"r{now:%H%M%S}{len(articles)}", Batch("bitcoinist", "articles", fetched(articles, now), now)
        )
        assert taken.rejects == ()
        return taken.counts

    return see


def only(lake) -> dict:
    rows = stored(lake.pin(), "articles")
    assert len(rows) == 1
    return rows[0]


def test_a_fetched_article_is_known_since_we_saw_it_and_not_since_it_says(see, lake):
    assert see(FIRST, article()) == Counts(new=1)
    row = only(lake)
    assert (row["first_seen_at"], row["known_at"], row["known_at_assumed"]) == (FIRST, FIRST, False)
    assert (row["published_at"], row["revisions"]) == (PUBLISHED, 0)
    assert row["text"] == "The market cap stood at $2.68 trillion."


def test_seen_again_unchanged_it_is_the_same_and_nothing_is_written(see, lake):
    see(FIRST, article())
    before = {name: v for name, v in lake.pin().versions.items() if name != "runs"}
    assert see(LATER, article()) == Counts(same=1)
    assert {name: v for name, v in lake.pin().versions.items() if name != "runs"} == before
    assert only(lake)["first_seen_at"] == FIRST


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Trump hosted Bukele"},
        {"summary": "Other words."},
        {"author": "B. Writer"},
        {"published_at": PUBLISHED + timedelta(minutes=1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_field_is_a_revision_and_what_we_knew_when_stays(see, lake, change):
    see(FIRST, article())
    assert see(LATER, article(**change)) == Counts(changed=1)
    row = only(lake)
    name, value = next(iter(change.items()))
    assert row[name] == value
    assert (row["revisions"], row["first_seen_at"], row["known_at"], row["known_at_assumed"]) == (
        1,
        FIRST,
        FIRST,
        False,
    )


def test_every_change_counts_once(see, lake):
    for n, title in enumerate(["One", "Two", "Two", "One", "Three"]):
        see(FIRST + timedelta(hours=n), article(title=title))
    # One → Two → One → Three.
    assert (only(lake)["revisions"], only(lake)["title"]) == (3, "Three")


def test_a_field_that_is_no_longer_stated_keeps_its_value(see, lake):
    see(FIRST, article(body="The whole story."))
    bare = article(summary=None, body=None, author=None, language=None, published_at=None, published_precision=None)
    assert see(LATER, bare) == Counts(same=1)
    row = only(lake)
    assert (row["author"], row["language"], row["published_at"], row["summary"], row["body"]) == (
        "A. Writer",
        "en",
        PUBLISHED,
        "The market cap stood at $2.68 trillion.",
        "The whole story.",
    )


def test_an_article_without_a_title_is_refused_and_the_others_are_stored(lake):
    taken = take(
        lake,
        "r",
        Batch(
            "x", "articles", fetched([article(title=None), article(url="https://bitcoinist.com/other")], FIRST), FIRST
        ),
    )
    assert taken.counts == Counts(new=1)
    assert ["title is missing" in reject.reason for reject in taken.rejects] == [True]


def test_twice_in_one_answer_is_one_article(see, lake):
    assert see(FIRST, article(), article()) == Counts(new=1, same=1)
    assert len(stored(lake.pin(), "stories")) == 1


def test_a_revised_story_loses_the_claims_and_mentions_it_no_longer_makes(see, lake):
    see(FIRST, article(summary="As of today, the total crypto market cap stands at $2.68 trillion."))
    assert [row["value"] for row in stored(lake.pin(), "claims")] == [2.68e12]
    see(LATER, article(summary="Nothing is stated any more."))
    assert stored(lake.pin(), "claims") == []
    assert stored(lake.pin(), "claim_checks") == []


def test_an_id_is_of_the_address_or_else_of_the_words():
    assert article_id("https://bitcoinist.com/story", "ignored") == article_id("https://bitcoinist.com/story", "")
    assert article_id(None, "the  same\nwords ") == article_id(None, "the same words")
    assert article_id(None, "the same words") != article_id(None, "other words")
    assert len(article_id(None, "x")) == 16
    assert article_id(None, "abc") == "ba7816bf8f01cfea"  # FIPS 180-2's test vector for "abc"


def test_an_imported_article_is_assumed_known_at_the_end_of_its_publications_span():
    text = from_text(
        "Bitcoin fell on Friday as traders weighed tariffs.\n\nThe market was quiet after that, they said."
    )
    given = {"now": LATER, "source": "x", "publisher": "X"}
    day = imported(text, **given, published_at=datetime(2025, 3, 28, tzinfo=UTC), published_precision="day").iloc[0]
    assert day["known_at"] == pd.Timestamp("2025-03-29", tz="UTC")
    minute = imported(text, **given, published_at=PUBLISHED, published_precision="minute").iloc[0]
    assert minute["known_at"] == pd.Timestamp(PUBLISHED)
    nothing = imported(text, **given).iloc[0]
    assert nothing["known_at"] == pd.Timestamp(LATER)
    assert all(row["known_at_assumed"] for row in (day, minute, nothing))
    assert all(row["first_seen_at"] == LATER for row in (day, minute, nothing))


def test_mentions_put_in_by_hand_are_split_and_trimmed():
    frame = pd.DataFrame({"assets": ["BTC; ETH ;", "", None], "people": ["Nayib Bukele", "; ", "nan"]})
    found = curated_mentions(["a", "b", "c"], frame, {"assets": "asset", "people": "person"})
    assert found[["article_id", "kind", "value"]].to_numpy().tolist() == [
        ["a", "asset", "BTC"],
        ["a", "asset", "ETH"],
        ["a", "person", "Nayib Bukele"],
        ["c", "person", "nan"],
    ]
    assert set(found["basis"]) == {"curated"}


# ── the sample ────────────────────────────────────────────────────────────────────────────────────────


def test_loading_the_sample_again_changes_nothing(sample_lake):
    from data.sample import load_sample

    before = sample_lake.pin()
    with sample_lake.writing():
        taken = list(load_sample(sample_lake, datetime(2026, 12, 2, tzinfo=UTC)))
    assert [(one.counts.new, one.counts.changed, len(one.rejects)) for one in taken] == [(0, 0, 0)] * 3
    after = sample_lake.pin()
    assert {n: v for n, v in after.versions.items() if n != "runs"} == {
        n: v for n, v in before.versions.items() if n != "runs"
    }


def test_every_sample_story_has_a_context_and_an_outcome(sample):
    stories = queries.stories(sample)
    assert len(stories) == queries.row_count(sample, "stories") > 300
    assert stories["anchor_at"].notna().all()
    assert set(stories["outcome"]) <= {"used", "no_price", "out_of_span", "gaps"}
    modern = stories[stories["anchor_at"].between("2013-11-10", "2026-05-01")]
    assert (modern["outcome"] == "used").mean() > 0.9

"""What analysts correct stays corrected, whatever the publisher says next; and it can be taken back."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import merged, stored

from connectors.records import Article, Limits, Page, Request
from connectors.registry import Source
from data import queries
from data.add_article import Draft, draft_of, save, stored_draft, taken_back
from data.correction_values import Correction, corrected_articles, readable, rows, why_not
from data.corrections import Corrections, as_stated
from data.lake import Lake, LakeBusy
from data.refresh import refresh
from data.tables import ARTICLES

PUBLISHED = datetime(2025, 3, 29, 7, 30, tzinfo=UTC)
FIRST = datetime(2025, 3, 29, 8, tzinfo=UTC)
LATER = FIRST + timedelta(hours=5)
SUMMARY = (
    "Solana traders were calm. The total crypto market cap stood at $2.68 trillion. "
    "At press time, Bitcoin is trading at $83,500."
)
URL = "https://paper.example/story"


class Feed:
    """A feed of one article that says what it is told to."""

    source, record, cadence_s = "paper", Article, 3600.0
    limits = Limits(min_interval_s=0, attempts=1, max_pages=1)

    def __init__(self, **said):
        self.said = {"title": "Markets calm", "summary": SUMMARY, "published_at": PUBLISHED, **said}

    def first(self, window):
        return Request("https://paper.example/feed", window.end)

    def parse(self, request, body):
        return Page((Article("paper", "Paper", URL, published_precision="second", **self.said),))


@pytest.fixture
def refreshed(lake):
    """Refresh the lake from a feed that says this; at the hour ``n`` after the first time."""

    def refreshed(n: int = 0, **said) -> str:
        class Said:
            body, headers, not_modified = json.dumps([n, str(said)]).encode(), {}, False

        feed = Feed(**said)
        jobs = {"paper": (Source("paper", feed, 3600),)}
        [taken] = refresh(lake, jobs, lambda request, limits: Said, now=FIRST + timedelta(hours=n))
        assert (taken.rejects, taken.error) == ((), None)
        return taken.articles[0] if taken.articles else only(lake)["article_id"]

    return refreshed


def only(lake) -> dict:
    [row] = stored(lake.pin(), "articles")
    return row


def correct(lake, article: str, *made: Correction, hour: float = 1) -> None:
    save(lake, stored_draft(lake.pin(), article), made, author="ann", now=FIRST + timedelta(hours=hour))


def mentioned(lake, kind: str) -> set[str]:
    return {row["value"] for row in stored(lake.pin(), "mentions") if row["kind"] == kind}


def claims(lake) -> dict[str, dict]:
    return {row["quantity"]: row for row in stored(lake.pin(), "claims")}


def claim(lake, quantity: str) -> dict:
    names = ("quote", "quantity", "asset", "value", "unit", "precision", "comparator", "modality")
    return {name: claims(lake)[quantity][name] for name in names}


def test_corrections_survive_whatever_the_next_refresh_brings(refreshed, lake):
    article = refreshed()
    assert (mentioned(lake, "asset"), set(claims(lake))) == ({"SOL", "BTC"}, {"total_market_cap", "price"})
    total, price = claim(lake, "total_market_cap"), claim(lake, "price")
    correct(
        lake,
        article,
        Correction("title", "Otherwise told", "Markets calm"),
        Correction("published_at", "2025-03-20T20:00Z", "2025-03-29T07:30:00Z"),
        Correction("author", "A. Writer"),
        Correction("mention", None, {"kind": "asset", "value": "SOL", "quote": "Solana"}),
        Correction("mention", {"kind": "person", "value": "Nayib Bukele", "quote": "Nayib Bukele"}),
        Correction("claim", {**total, "comparator": "approx"}, total),
        Correction("claim", None, price),
    )

    def holds(offset_of: str) -> None:
        row = only(lake)
        assert [row[name] for name in ("title", "published_at", "published_precision", "author")] == [
            "Otherwise told", datetime(2025, 3, 20, 20, tzinfo=UTC), "minute", "A. Writer",
        ]  # fmt: skip
        assert mentioned(lake, "asset") == {"BTC"}
        assert mentioned(lake, "person") == {"Nayib Bukele"}
        assert set(claims(lake)) == {"total_market_cap"}
        found = claims(lake)["total_market_cap"]
        assert (found["value"], found["comparator"]) == (2.68e12, "approx")
        text = f"{row['title']}\n{row['text']}"
        assert text[found["offset"] :].startswith(offset_of)

    quote = total["quote"]
    holds(quote)
    # Another title and date, another author, and words in front of the claim. Title and date of the correction are far
    # from either: yet this is the same article, not another one under a reused address.
    refreshed(
        2,
        title="Markets stay calm",
        summary=f"Corrected on Sunday. {SUMMARY}",
        author="Somebody Else",
        published_at=PUBLISHED + timedelta(days=1),
    )
    holds(quote)
    # What the publisher says meanwhile is kept.
    assert json.loads(only(lake)["stated"]) == {
        "title": "Markets stay calm",
        "title_derived": False,
        "author": "Somebody Else",
        "published_at": "2025-03-30T07:30:00+00:00",
        "published_precision": "second",
    }
    assert only(lake)["first_seen_at"] == FIRST


def test_a_correction_taken_back_leaves_what_the_publisher_says_by_then(refreshed, lake):
    article = refreshed()
    correct(lake, article, Correction("title", "Mine", "Markets calm"), Correction("author", "Me"))
    refreshed(2, title="Theirs")
    [title] = [one for one in stored_draft(lake.pin(), article).corrections if one.field == "title"]
    correct(lake, article, taken_back(title), hour=3)
    assert (only(lake)["title"], only(lake)["author"]) == ("Theirs", "Me")
    assert json.loads(only(lake)["stated"]) == {"author": None}
    refreshed(4, title="Theirs, again")
    assert only(lake)["title"] == "Theirs, again"
    assert len(stored(lake.pin(), "annotations")) == 3  # nothing an analyst wrote is ever rewritten


def test_mentions_and_claims_are_read_from_the_text_again_once_corrections_are_taken_back(refreshed, lake):
    article = refreshed()
    before = [stored(lake.pin(), name) for name in ("mentions", "claims", "claim_checks")]
    price = claim(lake, "price")
    correct(
        lake,
        article,
        Correction("mention", None, {"kind": "asset", "value": "SOL", "quote": "Solana"}),
        Correction("mention", {"kind": "topic", "value": "macro", "quote": "macro"}),
        Correction("claim", {**price, "value": 83_000.0}, price),
    )
    assert (mentioned(lake, "asset"), claims(lake)["price"]["value"]) == ({"BTC"}, 83_000.0)
    held = stored_draft(lake.pin(), article).corrections
    correct(lake, article, *map(taken_back, held), hour=2)
    assert [stored(lake.pin(), name) for name in ("mentions", "claims", "claim_checks")] == before


def test_of_two_corrections_the_later_holds_and_others_stay(refreshed, lake):
    article = refreshed()
    correct(lake, article, Correction("title", "One"), Correction("publisher", "The Paper"))
    correct(lake, article, Correction("title", "Two"), hour=2)
    correct(lake, article, Correction("title", "Too early"), hour=0.5)  # written first, saved last
    assert (only(lake)["title"], only(lake)["publisher"]) == ("Two", "The Paper")


def test_before_the_correction_a_clock_shows_what_stood_there(refreshed, lake):
    article = refreshed()
    correct(lake, article, Correction("title", "Corrected"), hour=2)
    story = queries.stories_of(lake.pin(), [article])["story_id"].iloc[0]

    def title(at: datetime) -> str:
        return queries.story_articles(lake.pin(), story, at)["title"].iloc[0]

    assert title(FIRST + timedelta(hours=1)) == "Markets calm"
    assert title(FIRST + timedelta(hours=3)) == "Corrected"
    assert only(lake)["revisions"] == 1


def test_what_is_assumed_of_a_pasted_story_follows_its_corrected_date(lake):
    text = b"Bitcoin rests\n\nThe total crypto market cap stood at $2.68 trillion, and nothing else was said of it.\n"
    now = datetime(2025, 6, 1, tzinfo=UTC)
    draft = draft_of(lake.pin(), text, "The text", now)
    saved = save(lake, draft, [Correction("published_at", "2025-03-28")], now=now)
    row = only(lake)
    # A day is known to have been out at its end.
    assert (row["known_at"], row["known_at_assumed"]) == (datetime(2025, 3, 29, tzinfo=UTC), True)
    assert claims(lake)["total_market_cap"]["as_of"] == datetime(2025, 3, 28, tzinfo=UTC)
    assert row["revisions"] == 0  # nothing else was ever published of it
    later = now + timedelta(hours=1)
    save(lake, stored_draft(lake.pin(), saved.article_id), [Correction("published_at", None)], now=later)
    assert only(lake)["known_at"] == now
    back = [Correction("published_at", taken_back=True)]
    save(lake, stored_draft(lake.pin(), saved.article_id), back, now=later + timedelta(hours=1))
    assert (only(lake)["published_at"], only(lake)["stated"], only(lake)["known_at"]) == (None, None, now)


def test_mentions_that_came_along_with_an_article_stay_when_it_is_corrected(sample_lake):
    stories = queries.stories(sample_lake.pin())
    article = stories.loc[stories["title"].str.contains("receive El Salvador's Bukele"), "story_id"].iloc[0][1:]

    def people() -> set[str]:
        draft = stored_draft(sample_lake.pin(), article)
        kept = [row for row in stored(sample_lake.pin(), "mentions") if row["article_id"] == article]
        assert {row["value"] for row in kept} == set(draft.mentions["value"])
        return {row["value"] for row in kept if row["kind"] == "person"}

    before = people()
    assert len(before) >= 2
    gone = sorted(before)[0]
    was = {"kind": "person", "value": gone, "quote": gone, "basis": "curated"}
    correct(sample_lake, article, Correction("mention", None, was), Correction("title", "Otherwise"))
    assert people() == before - {gone}
    correct(sample_lake, article, taken_back(Correction("mention", None, was)), hour=2)
    assert people() == before


def test_a_claim_that_is_no_longer_read_stands_while_its_words_do(refreshed, lake):
    article = refreshed()
    made = {
        "quote": "traders were calm", "quantity": "dominance", "asset": "btc", "value": 61.5, "precision": 0.05,
        "comparator": "eq", "modality": "historical", "as_of": "2025-03-27",
    }  # fmt: skip
    correct(lake, article, Correction("claim", made))
    found = claims(lake)["dominance"]
    assert (found["asset"], found["unit"], found["as_of"], found["as_of_end"]) == (
        "BTC", "percent", datetime(2025, 3, 27, tzinfo=UTC), datetime(2025, 3, 28, tzinfo=UTC),
    )  # fmt: skip
    assert found["offset"] == len("Markets calm\nSolana ")
    refreshed(2, summary=f"More. {SUMMARY}")
    assert claims(lake)["dominance"]["offset"] == len("Markets calm\nMore. Solana ")
    refreshed(3, summary="Nothing of it stands any more.")
    assert claims(lake) == {}
    refreshed(4)
    assert claims(lake)["dominance"]["value"] == 61.5


def test_nothing_is_saved_while_another_writes(refreshed, lake):
    article = refreshed()
    before, draft = lake.pin().versions, stored_draft(lake.pin(), article)
    holding, done = threading.Event(), threading.Event()

    def hold():
        with Lake(lake.home).writing():
            holding.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(30)
    with pytest.raises(LakeBusy, match="nothing was changed"):
        save(lake, draft, [Correction("title", "Mine")], now=LATER)
    done.set()
    thread.join()
    assert lake.pin().versions == before
    save(lake, draft, [Correction("title", "Mine")], now=LATER)
    assert only(lake)["title"] == "Mine"


def test_annotations_taken_to_another_lake_correct_there_too(refreshed, lake, run, tmp_path):
    article = refreshed()
    correct(lake, article, Correction("title", '=1+1 "Mine",\r\nwrapped'), Correction("author", None, "x"))
    run("export", "annotations", "-o", tmp_path / "a.csv")
    with lake.writing():
        lake.delete("annotations", "author", ["ann"])
        lake.delete("articles", "article_id", [article])
    run("import", "table", "annotations", tmp_path / "a.csv")
    refreshed(2, title="Theirs, changed")
    assert only(lake)["title"] == '=1+1 "Mine", wrapped'


def test_a_correction_nobody_can_read_is_counted_and_left_out(refreshed, lake):
    article = refreshed()
    base = {
        "target_kind": "article", "target_id": article, "note": "x", "author": "a", "created_at": LATER, "was": None,
    }  # fmt: skip
    bad = [
        ("title", "{not json"), ("title", "null"), ("title", '{"a": 1}'), ("published_at", '"tomorrow"'),
        ("mention", '"BTC"'), ("mention", '{"kind": "colour", "value": "red"}'), ("claim", "[]"), ("claim", "null"),
        ("claim", '{"quantity": "price", "quote": "x", "asset": "BTC", "value": 1e999, "modality": "current"}'),
    ]  # fmt: skip
    merged(
        lake,
        "annotations",
        [{**base, "annotation_id": f"b{n}", "field": name, "value": value} for n, (name, value) in enumerate(bad)],
    )
    found = Corrections.of(lake.pin(), [article])
    assert (found.held, found.unreadable) == ({}, len(bad))
    all_rows = lake.pin().table("annotations").to_pyarrow_table()
    assert not readable(all_rows.to_pandas()).any()
    assert readable(all_rows.to_pandas().assign(field=None)).all()  # a note may say anything
    assert corrected_articles(all_rows) == [article]
    refreshed(6, title="Theirs")
    assert only(lake)["title"] == "Theirs"


@pytest.mark.parametrize(
    ("correction", "said"),
    [
        (Correction("title", None), "An article has a title"),
        (Correction("title", " \n"), "The title is empty"),
        (Correction("title", "x" * 1001), "longer than 1,000"),
        (Correction("published_at", "2025-03-28T17:17"), "has no time zone"),
        (Correction("published_at", "1999-01-01"), "outside 2009 to 2100"),
        (Correction("mention", None), "names its kind and value"),
        (Correction("claim", {"quantity": "price", "quote": "x"}), "modality is one of"),
    ],
)
def test_why_a_correction_cannot_be(correction, said):
    assert said in why_not(correction)
    with pytest.raises(ValueError, match=said):
        rows("a", [correction], author="", note="", now=LATER)


@pytest.mark.parametrize(
    "value",
    ["[" * 100_000, json.dumps({"quantity": "price", "quote": "x", "modality": "current", "value": 10**400})],
    ids=["nested too deep", "too large a number"],
)
def test_json_that_python_cannot_take_is_no_correction(value):
    row = {"target_kind": "claim", "target_id": "a", "field": "claim", "value": value, "was": None, "note": ""}
    frame = pd.DataFrame([{**row, "author": "", "created_at": LATER}])
    assert readable(frame).tolist() == [False]


# ── the overlay itself ────────────────────────────────────────────────────────────────────────────────

lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda text: text.split() == text.split(" ")
)
optional = st.none() | lines
times = st.none() | st.datetimes(datetime(2010, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def article_frame(title, author, published) -> pd.DataFrame:
    row = dict.fromkeys(ARTICLES.names) | {
        "article_id": "a", "source": "s", "publisher": "P", "title": title, "title_derived": False, "author": author,
        "published_at": published, "published_precision": "second" if published else None, "first_seen_at": FIRST,
        "known_at": FIRST, "known_at_assumed": False, "revisions": 0,
    }  # fmt: skip
    other = row | {"article_id": "b", "title": "Another"}
    return pa.Table.from_pylist([row, other], ARTICLES.schema).to_pandas()


@settings(deadline=None)
@given(lines, optional, times, lines, optional, times)
def test_what_is_laid_over_comes_off_again(title, author, published, new_title, new_author, new_time):
    stated = article_frame(title, author, published)
    made = [Correction("title", new_title), Correction("author", new_author)]
    if new_time is not None:
        made.append(Correction("published_at", new_time.isoformat()))
    corrections = Corrections().with_more("a", made)
    over = corrections.over_articles(stated)
    assert over["title"].tolist() == [new_title, "Another"]
    assert over.loc[1].equals(stated.loc[1])
    if new_time is not None:
        assert over.loc[0, "published_at"] == new_time
    pd.testing.assert_frame_equal(as_stated(over), stated)
    pd.testing.assert_frame_equal(corrections.over_articles(as_stated(over)), over)  # once more changes nothing


def test_without_corrections_nothing_is_touched():
    articles, none = article_frame("A", None, None), Corrections()
    assert none.over_articles(articles) is articles
    assert as_stated(articles) is articles
    assert none.over_mentions(articles, articles) is articles
    assert none.over_claims(articles, articles) is articles


@pytest.mark.parametrize(("piece", "figures"), [("1", 0), ("$", 0), ("$1", 500_000), ("1,", 0), ("1%", 500_000)])
def test_a_megabyte_of_one_character_is_searched_for_figures_once(piece, figures):
    nothing = pd.DataFrame(columns=["offset", "quote"])
    article = article_frame("A", None, None).assign(text=piece * (1_000_000 // len(piece)))
    shown, count = Draft(article, nothing, nothing, nothing, (), stored=False).unread(3)
    assert (count, len(shown)) == (figures, min(figures, 3))

"""Pasted text comes apart into what an article is made of; nothing is invented."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.extract import TITLE_LENGTH, from_text, post_signatures

ARTICLE = """Miners Move North As Power Gets Cheaper
By Jane Doe
March 3, 2024, 4:05 PM EST
Three mining firms said on Monday that they will move machines to the north of the country this spring.
Why Power Matters
Cheap power decides whether a farm earns or loses, and the grid there has plenty of it.
We are packing already, see you up there
— Northern Hash (@northernhash) March 1, 2024
The firms did not say what the move will cost them, or how long it will take to finish.
Total hash rate stood at 600 exahashes. Chart: Hashmeter
Mayor Jonathan Smith
The mayor welcomed the plan and promised the firms a quick decision on their permits.
Featured image from Pexels, chart from Hashmeter
Disclaimer: Nothing on this page is investment advice.
The post Miners Move North As Power Gets Cheaper appeared first on Hash Daily."""


def test_parts_of_an_article_one_paragraph_a_line() -> None:
    found = from_text(ARTICLE)
    assert found.title == "Miners Move North As Power Gets Cheaper"
    assert found.title_derived is None
    assert found.author == "Jane Doe"
    assert found.headings == ("Why Power Matters",)
    assert found.captions == (
        "Total hash rate stood at 600 exahashes. Chart: Hashmeter",
        "Mayor Jonathan Smith",
        "Featured image from Pexels, chart from Hashmeter",
    )
    assert [line.split()[0] for line in found.boilerplate] == ["Disclaimer:", "The"]
    assert found.publisher_hint == "Hash Daily"
    assert found.language == "en"
    assert [paragraph.split()[0] for paragraph in found.body.split("\n\n")] == ["Three", "Cheap", "The", "The"]


def test_a_date_line_with_a_zone_is_an_instant() -> None:
    found = from_text(ARTICLE)
    assert (found.published_at, found.precision) == (datetime(2024, 3, 3, 21, 5, tzinfo=UTC), "minute")
    assert found.published_not_before is None


@pytest.mark.parametrize(
    ("line", "instant", "precision"),
    [
        ("2024-03-03T21:05:07Z", datetime(2024, 3, 3, 21, 5, 7, tzinfo=UTC), "second"),
        ("2024-03-03 21:05 +05:30", datetime(2024, 3, 3, 15, 35, tzinfo=UTC), "minute"),
        ("Published: 3 March 2024", datetime(2024, 3, 3, tzinfo=UTC), "day"),
        ("Sunday, March 3rd, 2024", datetime(2024, 3, 3, tzinfo=UTC), "day"),
        ("Mar 3, 2024 12:30 AM UTC", datetime(2024, 3, 3, 0, 30, tzinfo=UTC), "minute"),
        ("Mar 3, 2024 1:17 pm ET", datetime(2024, 3, 3, tzinfo=UTC), "day"),  # ET is two zones
        ("March 3, 2024 21:05", datetime(2024, 3, 3, tzinfo=UTC), "day"),  # no zone
    ],
)
def test_date_lines(line: str, instant: datetime, precision: str) -> None:
    found = from_text(f"A headline\n{line}\nThe first paragraph of the story, long enough to be one.")
    assert (found.published_at, found.precision) == (instant, precision)


@pytest.mark.parametrize(
    "line",
    [
        "The vote was held on March 3, 2024, in the capital.",
        "February 30, 2024",
        "Updated March 3, 2024",
        "Born on March 3, 2024",
    ],
)
def test_no_time_is_made_from_anything_but_a_date_line(line: str) -> None:
    found = from_text(f"A headline\n{line}\nThe first paragraph of the story, long enough to be one.")
    assert found.published_at is None
    assert found.precision is None


def test_without_a_date_line_the_latest_post_is_the_earliest_possible_day() -> None:
    found = from_text(
        "The story began with a joke about lamps.\nFirst!\n— A B (@ab) May 2, 2023\n"
        "Then it grew, as such stories do.\nSecond!\n— C (@c_d) April 30, 2023\nAnd so it ended."
    )
    assert found.published_at is None
    assert found.published_not_before == datetime(2023, 5, 2, tzinfo=UTC)
    assert [(p.handle, p.author, p.text, p.posted_at, p.precision) for p in found.posts] == [
        ("ab", "A B", "First!", datetime(2023, 5, 2, tzinfo=UTC), "day"),
        ("c_d", "C", "Second!", datetime(2023, 4, 30, tzinfo=UTC), "day"),
    ]


def test_a_post_is_its_whole_block_where_blank_lines_separate_paragraphs() -> None:
    found = from_text(
        "The story began with a joke about lamps.\n\nRed lamp.\nBlue lamp.\n— A B (@ab) May 2, 2023\n\nIt ended well."
    )
    assert found.posts[0].text == "Red lamp.\nBlue lamp."
    assert found.body == "The story began with a joke about lamps.\n\nIt ended well."


def test_a_post_run_into_its_paragraph_still_dates_the_text() -> None:
    found = from_text("He joked. Lamps for all! — A B (@ab) May 2, 2023 The joke was well received by everyone.")
    assert found.published_not_before == datetime(2023, 5, 2, tzinfo=UTC)
    assert "Lamps for all!" in found.body
    assert found.posts[0].text == ""


def test_a_closing_credit_is_taken_off_its_paragraph() -> None:
    found = from_text("The price of lamps fell. It may fall again. Featured image from Pexels, chart from LampView")
    assert found.captions == ("Featured image from Pexels, chart from LampView",)
    assert found.body == "The price of lamps fell. It may fall again."


def test_a_derived_title_is_the_first_sentence_cut_between_words() -> None:
    short = from_text("Lamps are cheaper now. Nobody knows why.")
    assert (short.title, short.title_derived) == (None, "Lamps are cheaper now")
    long = from_text("word " * 60 + "end. Next.")
    assert long.title_derived == " ".join(["word"] * 22) + "…"  # 22 * 5 - 1 + 1 = 110 characters
    assert len(long.title_derived) <= TITLE_LENGTH


def test_reading_starts_behind_a_derived_title() -> None:
    found = from_text("Lamps are cheaper now. Nobody knows why.")
    assert found.full_text == "Lamps are cheaper now\nLamps are cheaper now. Nobody knows why."
    assert found.full_text[found.text_start :].startswith("Lamps")
    assert from_text(ARTICLE).text_start == 0


def test_full_text_begins_with_the_stored_title_and_body_and_leaves_boilerplate_out() -> None:
    found = from_text(ARTICLE)
    assert found.full_text.startswith(f"{found.title}\n{found.body}\n\n")
    for part in (*found.headings, *found.captions, found.posts[0].text):
        assert f"\n\n{part}" in found.full_text
    assert "Disclaimer" not in found.full_text
    assert [s.handle for s in post_signatures(found.full_text)] == ["northernhash"]


def test_statements_about_the_same_event_that_disagree_are_quoted() -> None:
    found = from_text(
        "King Ludwig of Bavaria will visit Prague later this month. The July visit is his first.\n"
        "King Ludwig of Bavaria will visit Prague next month, aides say\n— Court News (@court) June 4, 2024\nThe end."
    )
    assert found.date_conflicts == ("later this month", "July", "next month")


@pytest.mark.parametrize(
    "text",
    [
        "King Ludwig of Bavaria will visit Prague later this month. The June visit is his first.\n"
        "Hello\n— Court News (@court) June 4, 2024\nThe end.",
        "King Ludwig of Bavaria will visit Prague later this month. Rain will visit the village next month.",
    ],
)
def test_statements_that_agree_or_have_nothing_in_common_are_no_conflict(text: str) -> None:
    assert from_text(text).date_conflicts == ()


def test_language_is_stated_only_where_obvious() -> None:
    assert from_text("Le prix de la lampe est plus bas que dans les magasins pour une fois.").language == "fr"
    assert from_text("Bitcoin Ethereum Solana").language is None


@given(st.text(alphabet=st.characters(), max_size=300))
def test_no_text_crashes_it_not_even_broken_unicode(text: str) -> None:
    found = from_text(text)
    assert len(found.title_derived or "") <= TITLE_LENGTH
    assert found.full_text.startswith(found.heading + "\n" + found.body)


_PARAGRAPH = st.lists(st.sampled_from(["lamp", "trade", "grows", "slowly", "north"]), min_size=12, max_size=20).map(
    lambda words: "So " + " ".join(words) + " today."
)


@given(st.lists(_PARAGRAPH, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_a_body_taken_out_once_is_taken_whole_the_second_time(
    paragraphs: list[str], posts: bool, boilerplate: bool
) -> None:
    lines = [*paragraphs, *(["Hi!", "— A (@a) May 2, 2023"] * posts), *(["Subscribe to our newsletter"] * boilerplate)]
    body = from_text("\n".join(lines)).body
    assert body == "\n\n".join(paragraphs)
    assert from_text(body).body == body


@pytest.mark.parametrize(
    "unit",
    ["—", ". ", "A. ", "a\n", "x\n\n", "Chart: ", "The post x ", "— A (@b) March 28, 2025 ", "later this month A. "],
)
def test_a_megabyte_of_anything_takes_no_more_than_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    from_text(text)
    assert time.process_time() - start < 6  # 1 to 2 s when the machine is idle; a pattern that goes back takes hours


@pytest.mark.shared
def test_the_seed(shared: Path) -> None:
    found = from_text((shared / "seed" / "000_c3ab6a467aa3265a.txt").read_text(encoding="utf-8"))
    assert found.title is None
    assert found.title_derived is not None
    assert found.title_derived.endswith("Nayib Bukele in Washington…")
    assert [(p.handle, p.author, p.posted_at) for p in found.posts] == [
        ("BloombergAsia", "Bloomberg Asia", datetime(2025, 3, 28, tzinfo=UTC)),
        ("nayibbukele", "Nayib Bukele", datetime(2025, 3, 28, tzinfo=UTC)),
    ]
    assert len(found.captions) == 3
    assert found.captions[0].startswith("As of at present")
    assert found.captions[0].endswith("$2.68 trillion. Chart: TradingView")
    assert found.captions[2].startswith("Featured picture from Gemini")
    assert found.captions[1] == "El Salvador President Nayib Bukele"
    assert len(found.headings) == 5
    assert len(found.boilerplate) == 1
    assert found.publisher_hint == "bitcoinist"
    assert "bitcoinist" not in found.full_text
    assert len(found.body.split("\n\n")) == 13
    assert (found.published_at, found.precision) == (None, None)
    assert found.published_not_before == datetime(2025, 3, 28, tzinfo=UTC)
    assert found.date_conflicts == ("later this month", "April", "subsequent month")
    assert found.language == "en"

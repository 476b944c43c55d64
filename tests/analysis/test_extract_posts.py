"""Posts in pasted text, with and without their address, and what their numbers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.extract import from_text, post_signatures
from analysis.posts import Post, address, post_ids, time_of

NUMBER = "1905700000000000000"
AT = datetime(2025, 3, 28, 19, 14, 20, 850_000, tzinfo=UTC)  # 1743189260850 ms, by hand and date -u
DAY = datetime(2025, 3, 28, tzinfo=UTC)
SIGNED = "— The Coast (@coast) March 28, 2025"
URL = f"https://x.com/coast/status/{NUMBER}"
STORY = (
    "The harbour has been sold to a company that nobody in town had heard of before.\n\n{}\n\nThe town is not amused."
)


@given(st.datetimes(datetime(2010, 11, 5), datetime(2079, 1, 1)), st.integers(0, 2**22 - 1))
def test_the_time_in_a_number_is_found_again(at, rest):
    ms = (at - datetime(1970, 1, 1)) // timedelta(milliseconds=1)
    number = (ms - 1_288_834_974_657) * 2**22 + rest
    assert time_of(str(number)) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


@pytest.mark.parametrize(
    "number", ["", "20", "29700859247", str(2**63), "9" * 19, "9" * 5000, "x", "１９０５７０００００００００００００"]
)
def test_numbers_without_a_time(number):
    assert time_of(number) is None


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        (f"We bring tea.\n{SIGNED}", "We bring tea."),
        (f"We bring tea. {SIGNED}", "We bring tea."),
        (f"We bring tea.\n{SIGNED} {URL}", "We bring tea."),
        (f"We bring tea. {SIGNED} https://twitter.com/coast/status/{NUMBER}?ref_src=twsrc%5Etfw", "We bring tea."),
        (f"We bring tea.\n{SIGNED}\n{URL}?s=20", "We bring tea."),
        (f"We bring tea. — The Coast (@coast) [March 28, 2025]({URL})", "We bring tea."),
        (URL, ""),
    ],
)
def test_a_post_as_pasted(pasted, text):
    found = from_text(STORY.format(pasted))
    (post,) = found.posts
    known = NUMBER in pasted
    assert (post.handle, post.text, post.post_id) == ("coast", text, NUMBER if known else None)
    assert (post.posted_at, post.precision) == ((AT, "second") if known else (DAY, "day"))
    assert post.url == (URL if known else None)
    assert len(found.body.split("\n\n")) == 2
    assert "tea" not in found.body
    assert post_ids(found.full_text) == ((NUMBER,) if known else ())
    assert found.published_not_before == DAY
    assert from_text(found.full_text).posts[0].post_id == post.post_id


def test_a_short_link_names_no_post():
    assert from_text(STORY.format(f"Tea https://t.co/Ab1\n{SIGNED}")).posts[0].post_id is None


def test_a_day_that_the_number_contradicts_is_told():
    found = from_text(STORY.format(f"Tea\n— The Coast (@coast) March 20, 2025 {URL}"))
    assert found.posts[0].posted_at == AT
    assert found.date_conflicts == (f"post {NUMBER}: 2025-03-20, by its number 2025-03-28",)


def test_a_post_inside_a_paragraph_is_not_told_twice():
    found = from_text(STORY.format(f"He joked. Tea for all! {SIGNED} {URL} The joke went down well with everyone."))
    assert [(post.text, post.post_id, post.inline) for post in found.posts] == [("", NUMBER, True)]
    assert found.full_text.count("@coast") == 1


def test_old_and_new_signatures_are_read():
    old, new = post_signatures(f"Tea\n{SIGNED}\n\nTea\n{SIGNED} {URL}\n\n")
    assert (old.author, old.handle, old.posted_at, old.post_id) == ("The Coast", "coast", DAY, None)
    assert (new.author, new.handle, new.posted_at, new.post_id) == ("The Coast", "coast", DAY, NUMBER)
    assert Post("coast", "The Coast", "Tea", DAY).signature == SIGNED
    assert Post("coast", "The Coast", "Tea", AT, "second", NUMBER, URL).signature == f"{SIGNED} {URL}"
    assert Post("", "", "", AT, "second", NUMBER, f"https://x.com/i/status/{NUMBER}").signature.endswith(NUMBER)


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/coast", "https://notx.com/coast/status/1", "https://x.com.evil.example/a/status/1",
        "https://x.com/coast/status/", "https://x.com/coast/status/12345678901234567890123", "javascript:alert(1)", "",
    ],
)  # fmt: skip
def test_addresses_of_no_post(url):
    assert address(url) is None


@pytest.mark.parametrize(
    "line", ["Related articles", "Read more:", "Auch interessant:", "Vea también", "Lamp Newsletter"]
)
def test_the_list_below_such_a_heading_is_of_the_site(line):
    found = from_text(f"A headline\nThe harbour has been sold to a company.\n{line}\n- One more story\n- Two more")
    assert found.boilerplate[0] == line
    assert found.body == "The harbour has been sold to a company." + (
        "\n\n- One more story\n\n- Two more" * ("News" in line)
    )


@pytest.mark.parametrize(
    "line",
    [
        "Ann Lee is a senior reporter at Lamp News. Follow her on X.",
        "We may earn a commission when you buy lamps through our links.",
        "This website uses cookies so that you can be followed.",
    ],
)
def test_more_that_is_of_the_site(line):
    assert from_text(f"A headline\nThe harbour has been sold to a company.\n{line}").boilerplate == (line,)


@pytest.mark.parametrize(
    "line", ["Ann Lee is a reporter who was arrested on Friday in the harbour.", "He may earn a salary."]
)
def test_what_only_looks_like_it_stays(line):
    assert line in from_text(f"A headline\nThe harbour has been sold to a company.\n{line}").body

"""GDELT: rows to articles, windows to pages, prose to errors."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from replay import Answer

from connectors.errors import BadAnswer, RateLimited, Refused
from connectors.gdelt import URL, Gdelt
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import Article, Window
from connectors.transport import Transport

START = datetime(2025, 3, 29, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=2))
SOURCE = Gdelt("gdelt-crypto", "(bitcoin OR cryptocurrency) sourcelang:english")


def parse(body: str | bytes):
    return SOURCE.parse(SOURCE.first(WINDOW), body.encode() if isinstance(body, str) else body)


def rows(*seen: datetime) -> str:
    return json.dumps(
        {
            "articles": [
                {
                    "url": f"https://news.example/{at:%H%M%S}/{n}",
                    "title": f"T{n}",
                    "seendate": f"{at:%Y%m%dT%H%M%SZ}",
                    "domain": "news.example",
                    "language": "English",
                }
                for n, at in enumerate(seen)
            ]
        }
    )


def pulled(replay, window=WINDOW):
    with Transport(base_url=replay.base_url) as transport:
        return pull(SOURCE, window, transport.send, pace=Pace(sleep=lambda _: None))


def archive(*articles: tuple[datetime, int]) -> Callable[[dict[str, str]], bytes]:
    """GDELT in small: the first 250 of what it saw between the two instants asked for, oldest first."""
    held = [(at, f"https://news.example/{at:%H%M%S}/{n}") for at, count in sorted(articles) for n in range(count)]

    def answer(query: dict[str, str]) -> bytes:
        start, end = query["STARTDATETIME"], query["ENDDATETIME"]
        found = [
            {"url": url, "title": url[-8:], "seendate": f"{at:%Y%m%dT%H%M%SZ}", "domain": "d", "language": "English"}
            for at, url in held
            if start <= f"{at:%Y%m%d%H%M%S}" <= end
        ]
        return json.dumps({"articles": found[: int(query["maxrecords"])]} if found else {}).encode()

    return answer


def test_rows_are_articles_known_by_when_gdelt_saw_them(payloads):
    page = parse((payloads / "gdelt_artlist.json").read_bytes())
    one, two, three = page.records
    assert one == Article(
        source="gdelt-crypto",
        publisher="news.example",
        url="https://www.news.example/markets/one",
        title="Bitcoin & friends rise , again",
        language="en",
        indexed_at=datetime(2025, 3, 29, 0, 15, tzinfo=UTC),
    )
    assert (one.published_at, one.first_seen_at) == (None, None)
    assert (two.language, two.indexed_at) == ("es", datetime(2025, 3, 29, 0, 30, tzinfo=UTC))
    assert (three.publisher, three.language, three.indexed_at) == ("three.example", "Klingon", None)
    assert [reject.reason for reject in page.rejects] == [
        "seendate not understood",
        "link is not an http or https address",
        "item without title",
    ]
    assert page.next is None


def test_the_question_names_query_span_and_order(replay):
    replay.serve(URL, b"{}")
    assert pulled(replay).complete
    assert replay.asked[0].query == {
        "query": "(bitcoin OR cryptocurrency) sourcelang:english",
        "mode": "artlist",
        "format": "json",
        "maxrecords": "250",
        "sort": "dateasc",
        "STARTDATETIME": "20250328235959",
        "ENDDATETIME": "20250329020000",
    }


def test_an_empty_object_means_no_articles():
    assert parse("{}").records == parse('{"articles": []}').records == ()


def test_a_long_window_is_read_to_its_end_and_nothing_is_missed(replay):
    quarters = [(START + timedelta(minutes=15 * n), 90) for n in range(8)]  # 720 articles: at least three answers
    replay.serve(URL, archive(*quarters))
    got = pulled(replay)
    assert (got.error, got.rejects) == (None, ())
    assert len({article.url for article in got.records}) == 720
    assert 3 <= len(replay.asked) <= 6


def test_more_articles_in_one_moment_than_an_answer_holds_are_said_and_left_behind(replay):
    noon = START + timedelta(hours=1)
    replay.serve(URL, archive((START, 100), (noon, 400), (noon + timedelta(minutes=15), 30)))
    got = pulled(replay)
    assert got.error is None
    assert len({article.url for article in got.records}) == 100 + 250 + 30
    assert [(r.reason, r.excerpt) for r in got.rejects] == [
        ("250 articles or more in one moment, others left out", "2025-03-29T01:00:00+00:00")
    ]


def test_a_window_of_one_second_that_is_full_does_not_loop(replay):
    replay.serve(URL, archive((START, 300)))
    got = pulled(replay, Window(START, START + timedelta(seconds=1)))
    assert (got.error, len(got.records), len(got.rejects)) == (None, 250, 1)


def test_two_full_moments_one_second_apart_do_not_loop(replay):
    replay.serve(URL, archive((START, 249), (START + timedelta(seconds=1), 300)))
    got = pulled(replay, Window(START, START + timedelta(seconds=2)))
    assert got.error is None
    assert len({article.url for article in got.records}) == 249 + 250
    assert len(got.rejects) == 1


def test_an_answer_in_another_order_is_said():
    times = [START + timedelta(minutes=n) for n in range(250)]
    page = parse(rows(*reversed(times)))
    assert [reject.reason for reject in page.rejects] == ["not in the order asked, articles may be missing"]


def test_a_full_answer_without_times_is_a_bad_answer():
    body = json.dumps({"articles": [{"url": f"https://a.test/{n}", "title": "T"} for n in range(250)]})
    with pytest.raises(BadAnswer, match="250 articles without a time"):
        parse(body)


SLOW_DOWN = "Please limit requests to one every 5 seconds or contact us."


@pytest.mark.parametrize("status", [200, 429])
def test_asked_too_often_is_that_whatever_the_status(replay, status):
    replay.serve(URL, Answer(SLOW_DOWN.encode(), status))
    got = pulled(replay)
    assert isinstance(got.error, RateLimited)
    assert "limit requests to one every 5 seconds" in str(got.error)
    assert got.attempts == SOURCE.limits.attempts
    assert SOURCE.limits.min_interval_s > 5


def test_asked_again_it_answers(replay):
    replay.serve(URL, SLOW_DOWN.encode(), rows(START).encode())
    assert [article.title for article in pulled(replay).records] == ["T0"]


@pytest.mark.shared
def test_the_recorded_429(shared, replay):
    replay.serve_recorded(shared, "errors_quoted/gdelt_429_plain_text.txt")
    assert isinstance(pulled(replay).error, RateLimited)


@pytest.mark.parametrize(
    "prose",
    ["The specified phrase is too short.", "Queries containing OR'd terms must be surrounded by ()."],
)
def test_other_prose_is_a_refusal_in_gdelts_words(prose):
    with pytest.raises(Refused, match="gdeltproject") as caught:
        parse(f"{prose}\n")
    assert prose in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [b"", b" \n", b"null", b'"hello"', b"[]", b'{"message": "moved"}', b'{"articles": 7}', b"PAR1\x00\x01", b'{"a'],
)
def test_what_is_no_list_of_articles_is_a_bad_answer(body):
    with pytest.raises(BadAnswer, match=r"api\.gdeltproject\.org"):
        parse(body)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        (r"Bitcoin\'s day", "Bitcoin's day"),
        (r"Up \u12 percent", "Up u12 percent"),
        ("two\x01words\tand\nlines", "two words and lines"),
        (r"kept \"quotes\" \\ and \u00e9 \_", r'kept "quotes" \ and é _'),
    ],
)
def test_broken_escapes_are_read_and_flagged(written, title):
    page = parse(rows(START).replace('"T0"', f'"{written}"'))
    assert [article.title for article in page.records] == [title]
    [reject] = page.rejects
    assert reject.reason == "answer is not quite JSON, read with repairs"
    assert "https://news.example/000000/0" in reject.excerpt


def test_json_that_is_cut_short_is_not_repaired():
    with pytest.raises(BadAnswer, match="cut short"):
        parse(rows(START)[:-10])


def test_the_source_says_its_pace_and_travels_to_another_process():
    assert (SOURCE.cadence_s, SOURCE.untrusted, SOURCE.record) == (900, True, Article)
    assert pickle.loads(pickle.dumps(SOURCE)).first(WINDOW) == SOURCE.first(WINDOW)
    with pytest.raises(ValueError, match="query"):
        Gdelt("gdelt", " ")

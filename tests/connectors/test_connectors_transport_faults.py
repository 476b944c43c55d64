"""How faults are sorted, and what is said of them; with answers that real sources gave, where they were recorded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from replay import Answer

from connectors.errors import BadAnswer, Blocked, NoAnswer, RateLimited, Refused, ServerTrouble, Transient
from connectors.records import Limits, Request
from connectors.transport import Transport

URL = "https://data.example/v1/things"
NOW = datetime(2025, 3, 29, tzinfo=UTC)


@pytest.fixture
def transport(replay):
    with Transport(base_url=replay.base_url, environ={}) as transport:
        yield transport


def ask(transport, url=URL):
    return transport.send(Request(url, NOW), Limits(timeout_s=5))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (304, BadAnswer),
        (400, Refused),
        (401, Refused),
        (402, Refused),
        (403, Refused),
        (404, Refused),
        (410, Refused),
        (422, Refused),
        (451, Refused),
        (408, NoAnswer),
        (425, NoAnswer),
        (418, RateLimited),
        (429, RateLimited),
        (500, ServerTrouble),
        (502, ServerTrouble),
        (503, ServerTrouble),
        (504, ServerTrouble),
        (524, ServerTrouble),
        (600, BadAnswer),
    ],
)
def test_statuses_are_sorted(replay, transport, status, kind):
    replay.serve(URL, Answer(b"" if status == 304 else b"no", status))
    with pytest.raises(kind) as caught:
        ask(transport)
    assert URL in str(caught.value)
    assert isinstance(caught.value, Transient) == (status in (408, 418, 425, 429) or 500 <= status < 600)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "check the key"),
        (402, "paid plan"),
        (403, "try another network"),
        (404, "may have moved"),
        (451, "does not serve this country"),
    ],
)
def test_a_refusal_says_what_to_do_and_quotes_the_source(replay, transport, status, advice):
    replay.serve(URL, Answer(b'{"msg": "restricted\\n location"}', status))
    with pytest.raises(Refused, match=rf"(?s){advice}.*restricted"):
        ask(transport)


def test_retry_after_in_seconds_as_a_date_and_missing(replay, transport):
    def wait_s(said):
        replay.serve(URL, Answer(b"", 429, {"Retry-After": said} if said is not None else {}))
        with pytest.raises(RateLimited) as caught:
            ask(transport)
        return caught.value.retry_after_s

    now = datetime.now(UTC)
    assert wait_s("7") == 7.0
    assert wait_s("1.5") == 1.5
    assert 55 <= wait_s(format_datetime(now + timedelta(seconds=60), usegmt=True)) <= 60
    assert wait_s(format_datetime(now - timedelta(hours=1), usegmt=True)) == 0.0
    for garbage in (None, "", "soon", "-3", "nan", "inf", "1e3", "²", "9" * 400, "Sat, 99 Foo 2025 00:00:00 GMT"):
        assert wait_s(garbage) is None, garbage


def test_an_error_whose_page_cannot_be_read_is_sorted_by_its_status(replay, transport):
    for n, (body, headers) in enumerate(
        (
            (b"not gzip", {"Content-Encoding": "gzip"}),
            (b"gibberish", {"Content-Encoding": "br"}),
            (b"half", {"Content-Length": "100"}),
        )
    ):
        replay.serve(f"{URL}/{n}", Answer(body, 429, {**headers, "Retry-After": "3"}))
        with pytest.raises(RateLimited) as caught:
            ask(transport, f"{URL}/{n}")
        assert caught.value.retry_after_s == 3.0
        assert "gibberish" not in str(caught.value)


def test_an_error_page_that_never_ends_is_sorted_by_its_status(replay, transport):
    replay.serve(URL, Answer(b"slowly" * 100, 503, drip_s=0.05))
    with pytest.raises(ServerTrouble, match="503"):
        transport.send(Request(URL, NOW), Limits(timeout_s=0.3))


@pytest.mark.parametrize(
    "broken",
    [
        Answer(b"half", headers={"Content-Length": "100"}),
        Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf", raw=True),
        Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n", raw=True),
        Answer(b"HTTP/1.1 200 OK\r\nContent-Le", raw=True),
        Answer(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nbody", raw=True),
        Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nbody", raw=True),
        Answer(b"SSH-2.0-OpenSSH_9.6\r\n", raw=True),
        Answer(b"", raw=True),
    ],
    ids=["short", "short chunk", "no chunk", "half a header", "negative", "two lengths", "not HTTP", "nothing"],
)
def test_an_answer_that_breaks_off_or_is_none_is_no_answer(replay, transport, broken):
    replay.serve(URL, broken)
    with pytest.raises(NoAnswer, match="broke"):
        ask(transport)


def test_what_follows_the_stated_length_is_no_part_of_the_answer(replay, transport):
    replay.serve(URL, Answer(b"body and more", headers={"Content-Length": "4"}))
    assert ask(transport).body == b"body"


def test_nobody_listening_is_no_answer(make_replay):
    gone = make_replay()
    gone.close()
    with Transport(base_url=gone.base_url) as transport, pytest.raises(NoAnswer, match="check the network"):
        ask(transport)
    gone.close = lambda: None


def test_a_page_that_refreshes_itself_elsewhere_is_a_page(replay, transport):
    page = b'<html><head><meta http-equiv="refresh" content="0; url=http://127.0.0.1/"></head></html>'
    replay.serve(URL, page)
    assert ask(transport).body == page
    assert len(replay.asked) == 1


#: What each recorded answer is, by its status in the recordings' index; its first words where it is quoted.
RECORDED = {
    "errors/301_html_meta_refresh_https_to_http.html": (Blocked, "from https to plain http"),
    "errors/400_api_key_invalid_blocklytics.json": (Refused, "API key"),
    "errors/404_empty_body.txt": (Refused, "404"),
    "errors/404_nginx_html_birake.html": (Refused, 'It said: "a web page"'),
    "errors/408_plain_text_saturn.txt": (NoAnswer, "408"),
    "errors/500_full_json_body_text_plain_tokenjar.txt": (ServerTrouble, "500"),
    "errors/500_with_success_json_body_artisturba.json": (ServerTrouble, "500"),
    "errors/502_html_meta_refresh_tengine.html": (ServerTrouble, 'It said: "a web page"'),
    "errors/503_html_nginx_yunbi.html": (ServerTrouble, 'It said: "a web page"'),
    "errors/cloudflare_attention_required_hcaptcha.html": (Refused, "try another network"),
    "errors/cloudflare_bot_fight_mode_2021-01-07.html": (Refused, "try another network"),
    "errors/cloudflare_js_challenge_2020-05-27.html": (ServerTrouble, "try again later"),
    "errors/cloudflare_just_a_moment_init.html": (ServerTrouble, "try again later"),
    "errors/cloudflare_recaptcha_2019-12-12.html": (Refused, "try another network"),
    "errors/cloudflare_spinner.html": (ServerTrouble, "try again later"),
    "errors_quoted/binance_451_restricted.json": (Refused, "does not serve this country"),
    "errors_quoted/coingecko_10012_past_365_days.json": (Refused, "check the key"),
    "errors_quoted/coingecko_429.json": (RateLimited, "in 7 s"),
    "errors_quoted/cryptocompare_401_free_tier_gone.json": (Refused, "check the key"),
    "errors_quoted/gdelt_429_plain_text.txt": (RateLimited, "in a few minutes"),
}


@pytest.mark.shared
@pytest.mark.parametrize("file", RECORDED)
def test_recorded_faults_are_sorted(shared, replay, transport, file):
    [entry] = [e for e in json.loads((shared / "recordings/INDEX.json").read_text()) if e["file"] == file]
    kept = ("content-type", "retry-after", "location")
    headers = {name: value for name, value in (entry["headers"] or {}).items() if name.lower() in kept}
    url = (entry["url"] or f"https://data.example/{file}").partition("?")[0]
    replay.serve(url, Answer(shared / "recordings" / file, entry["status"], headers))
    kind, said = RECORDED[file]
    with pytest.raises(kind) as caught:
        ask(transport, url)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.shared
@pytest.mark.parametrize(
    "file", ["errors/200_html_spa_shell_behind_cloudflare.html", "errors/200_json_as_text_html_leading_whitespace.txt"]
)
def test_a_recorded_200_is_the_parsers_to_judge(shared, replay, transport, file):
    replay.serve(URL, shared / "recordings" / file)
    assert ask(transport).body == (shared / "recordings" / file).read_bytes()

"""The transport against a real server on loopback: what it sends, what it refuses, how it sorts answers."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from replay import Answer

from connectors.errors import (
    BadAnswer,
    Blocked,
    Fatal,
    NoAnswer,
    RateLimited,
    Refused,
    ServerTrouble,
    TooBig,
    Transient,
)
from connectors.records import Limits, Request
from connectors.transport import Transport

URL = "https://data.example/v1/things"
NOW = datetime(2025, 3, 29, tzinfo=UTC)
LIMITS = Limits(timeout_s=5)


@pytest.fixture
def transport(replay):
    with Transport(base_url=replay.base_url, environ={}) as transport:
        yield transport


def ask(transport, url=URL, limits=LIMITS, **kwargs):
    return transport.send(Request(url, NOW, **kwargs), limits)


def test_the_real_host_becomes_the_first_path_segment(replay, transport):
    replay.serve(URL, b"body")
    assert ask(transport, params={"from": "a b", "n": "1"}) == b"body"
    [asked] = replay.asked
    assert (asked.url, asked.query) == (URL, {"from": "a b", "n": "1"})
    assert asked.headers["user-agent"].startswith("newstape")


def test_a_query_in_the_address_stays_beside_params(replay, transport):
    replay.serve(URL, b"body")
    ask(transport, URL + "?a=1", params={"b": "2"})
    ask(transport, URL + "?a=1")
    assert [asked.query for asked in replay.asked] == [{"a": "1", "b": "2"}, {"a": "1"}]


def test_the_headers_of_a_request_go_along_but_for_ours(replay, transport):
    replay.serve(URL, b"body")
    ask(transport, headers={"X-Version": "3", "User-Agent": "Mozilla/5.0"})
    [asked] = replay.asked
    assert asked.headers["x-version"] == "3"
    assert asked.headers["user-agent"].startswith("newstape")


def test_the_coingecko_key_goes_to_coingecko_alone(replay):
    replay.serve("https://api.coingecko.com/api/v3/global", b"{}")
    replay.serve(URL, b"{}")
    transport = Transport(base_url=replay.base_url, environ={"COINGECKO_DEMO_API_KEY": "CG-secret"})
    with transport:
        ask(transport, "https://api.coingecko.com/api/v3/global")
        ask(transport)
    keyed, other = replay.asked
    assert keyed.headers["x-cg-demo-api-key"] == "CG-secret"
    assert "CG-secret" not in str(other.headers)


def test_a_redirect_does_not_take_the_key_along(replay):
    replay.serve("https://api.coingecko.com/api/v3/global", Answer(status=302, headers={"Location": URL}))
    replay.serve(URL, b"elsewhere")
    transport = Transport(base_url=replay.base_url, environ={"COINGECKO_DEMO_API_KEY": "CG-secret"})
    with transport:
        assert ask(transport, "https://api.coingecko.com/api/v3/global") == b"elsewhere"
    assert "CG-secret" not in str(replay.asked[1].headers)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Refused),
        (402, Refused),
        (403, Refused),
        (404, Refused),
        (422, Refused),
        (451, Refused),
        (408, NoAnswer),
        (418, RateLimited),
        (429, RateLimited),
        (500, ServerTrouble),
        (502, ServerTrouble),
        (503, ServerTrouble),
        (524, ServerTrouble),
        (304, BadAnswer),
    ],
)
def test_statuses_are_sorted(replay, transport, status, kind):
    replay.serve(URL, Answer(b"" if status == 304 else b"no", status))
    with pytest.raises(kind) as caught:
        ask(transport)
    assert URL in str(caught.value)
    assert isinstance(caught.value, Transient) == (status in (408, 418, 429) or status >= 500)


def test_451_says_what_to_do_and_quotes_the_source(replay, transport):
    replay.serve(URL, Answer(b'{"msg": "restricted location"}', 451))
    with pytest.raises(Refused, match=r"does not serve this country.*restricted location"):
        ask(transport)


def test_retry_after_in_seconds_as_a_date_and_missing(replay, transport):
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    waits = []
    for headers in ({"Retry-After": "7"}, {"Retry-After": in_a_minute}, {}, {"Retry-After": "soon"}):
        url = f"{URL}/{len(waits)}"
        replay.serve(url, Answer(b"", 429, headers))
        with pytest.raises(RateLimited) as caught:
            ask(transport, url)
        waits.append(caught.value.retry_after_s)
    assert waits[0] == 7.0
    assert 55 <= waits[1] <= 60
    assert waits[2:] == [None, None]


def test_bytes_are_capped_also_when_compressed(replay, transport):
    replay.serve(URL, b"x" * 1001)
    replay.serve(URL + "/gz", Answer(gzip.compress(b"x" * 1_000_000), headers={"Content-Encoding": "gzip"}))
    small = Limits(max_bytes=1000, timeout_s=5)
    for url in (URL, URL + "/gz"):
        with pytest.raises(TooBig, match="1,000 bytes"):
            ask(transport, url, small)
    assert len(ask(transport, URL, Limits(max_bytes=1001, timeout_s=5))) == 1001


def test_compressed_answers_are_read_and_broken_ones_are_bad(replay, transport):
    packed = gzip.compress(b"hello")
    replay.serve(URL, Answer(packed, headers={"Content-Encoding": "gzip"}))
    replay.serve(URL + "/broken", Answer(b"not gzip", headers={"Content-Encoding": "gzip"}))
    replay.serve(URL + "/nested", Answer(gzip.compress(packed), headers={"Content-Encoding": "gzip, gzip"}))
    assert ask(transport) == b"hello"
    for url in (URL + "/broken", URL + "/nested"):
        with pytest.raises(BadAnswer):
            ask(transport, url)


@pytest.mark.parametrize("slow", [Answer(b"late", after_s=20), Answer(b"drip" * 50, drip_s=0.1)])
def test_a_source_that_hangs_or_drips_is_given_up(replay, transport, slow):
    replay.serve(URL, slow)
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"within 0\.3 s"):
        ask(transport, limits=Limits(timeout_s=0.3))
    assert time.monotonic() - began < 1.5


def test_a_body_that_breaks_off_is_no_answer(replay, transport):
    replay.serve(URL, Answer(b"half", headers={"Content-Length": "100", "Connection": "close"}))
    with pytest.raises(NoAnswer, match="broke"):
        ask(transport)


def test_nobody_listening_is_no_answer(make_replay):
    gone = make_replay()
    gone.close()
    with Transport(base_url=gone.base_url) as transport, pytest.raises(NoAnswer, match="check the network"):
        ask(transport)
    gone.close = lambda: None


@pytest.mark.parametrize(
    "location",
    [
        "http://data.example/plain",
        "file:///etc/passwd",
        "ftp://data.example/",
        "https://127.0.0.1/admin",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://localhost/",
        "http://[bad",
    ],
)
def test_redirects_out_of_bounds_are_blocked(replay, transport, location):
    replay.serve(URL, Answer(status=302, headers={"Location": location}))
    with pytest.raises(Blocked):
        ask(transport)
    assert replay.urls() == [URL]


def test_redirects_are_followed_relative_ones_too_but_not_for_ever(replay, transport):
    replay.serve(URL, Answer(status=301, headers={"Location": "/v2/things"}))
    replay.serve("https://data.example/v2/things", b"moved here")
    assert ask(transport) == b"moved here"
    replay.serve(URL + "/loop", Answer(status=302, headers={"Location": URL + "/loop"}))
    with pytest.raises(Blocked, match="more than 5 times"):
        ask(transport, URL + "/loop")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/", "https://", "nonsense", "https://[x"])
def test_only_http_addresses_are_asked(transport, url):
    with pytest.raises(Fatal):
        ask(transport, url)


def test_base_url_must_be_http():
    with pytest.raises(ValueError, match="http"):
        Transport(base_url="127.0.0.1:8000")

"""The transport against a real server on loopback: what it sends, what it gives back, where it follows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from replay import Answer, listening

from connectors import records
from connectors.errors import BadAnswer, Blocked, Fatal
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
    assert ask(transport, params={"from": "a b", "n": "1"}).body == b"body"
    [asked] = replay.asked
    assert (asked.url, asked.query) == (URL, {"from": "a b", "n": "1"})
    assert asked.headers["user-agent"].startswith("newstape")
    assert f"http://{asked.headers['host']}" == replay.base_url


def test_a_port_and_a_query_stay_with_the_host(replay, transport):
    replay.serve("https://data.example:8443/x", b"body", q="ä/?")
    assert ask(transport, "https://data.example:8443/x?q=%C3%A4%2F%3F").body == b"body"


def test_a_query_in_the_address_stays_beside_params(replay, transport):
    replay.serve(URL, b"body")
    ask(transport, URL + "?a=1", params={"b": "2"})
    ask(transport, URL + "?a=1")
    assert [asked.query for asked in replay.asked] == [{"a": "1", "b": "2"}, {"a": "1"}]


def test_the_headers_of_a_request_go_along_but_for_ours(replay, transport):
    replay.serve(URL, b"body")
    ask(transport, headers={"X-Version": "3", "User-Agent": "Mozilla/5.0", "accept": "application/json"})
    [asked] = replay.asked
    assert asked.headers["x-version"] == "3"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["user-agent"].startswith("newstape")


def test_the_headers_of_an_answer_come_back_in_lower_case_repeated_ones_joined(replay, transport):
    headers = b'ETag: "v1"\r\nLink: <a>\r\nLINK: <b>\r\nX-Name: caf\xe9\r\nContent-Length: 4\r\n'
    replay.serve(URL, Answer(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\nbody", raw=True))
    answer = ask(transport)
    assert answer == records.Answer(
        b"body", {"etag": '"v1"', "link": "<a>, <b>", "x-name": "café", "content-length": "4"}
    )


@pytest.mark.parametrize("name", ["If-None-Match", "if-modified-since"])
def test_not_modified_is_an_answer_to_a_request_with_a_validator(replay, transport, name):
    replay.serve(URL, Answer(status=304, headers={"ETag": '"v1"', "X-RateLimit-Remaining": "3"}))
    answer = ask(transport, headers={name: '"v1"'})
    assert (answer.body, answer.not_modified) == (b"", True)
    assert (answer.headers["etag"], answer.headers["x-ratelimit-remaining"]) == ('"v1"', "3")
    assert replay.asked[0].headers[name.lower()] == '"v1"'


def test_not_modified_is_a_bad_answer_to_any_other(replay, transport):
    replay.serve(URL, Answer(status=304))
    with pytest.raises(BadAnswer, match="304"):
        ask(transport, headers={"X-If-None-Match": "1"})


def test_an_empty_answer_is_the_parsers_to_judge(replay, transport):
    replay.serve(URL, Answer(b"", headers={"Content-Encoding": "gzip"}))
    replay.serve(URL + "/none", Answer(b"", status=204))
    assert ask(transport).body == b""
    assert ask(transport, URL + "/none").body == b""


def test_a_chunked_answer_is_put_together(replay, transport):
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-Late: 1\r\n\r\n"
    )
    replay.serve(URL, Answer(chunked, raw=True))
    assert ask(transport).body == b"abcdefg"


def test_a_connection_is_kept_for_the_next_page():
    opened = []

    def serve(connection, closing):
        opened.append(connection)
        while b"\r\n\r\n" in connection.recv(65_536):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")

    with listening(serve) as port, Transport(f"http://127.0.0.1:{port}", environ={}) as transport:
        assert [ask(transport).body for _ in range(3)] == [b"body"] * 3
    assert len(opened) == 1


def test_threads_share_one_transport(replay, transport):
    replay.serve(URL, lambda query: query["n"].encode() * 1000)
    with ThreadPoolExecutor(8) as threads:
        bodies = list(threads.map(lambda n: ask(transport, params={"n": str(n)}).body, range(40)))
    assert bodies == [str(n).encode() * 1000 for n in range(40)]


def test_redirects_are_followed_relative_ones_too_but_not_for_ever(replay, transport):
    replay.serve(URL, Answer(status=301, headers={"Location": "/v2/things"}))
    replay.serve("https://data.example/v2/things", b"moved here")
    assert ask(transport).body == b"moved here"
    replay.serve(URL + "/loop", Answer(status=302, headers={"Location": URL + "/loop"}))
    with pytest.raises(Blocked, match="more than 5 times"):
        ask(transport, URL + "/loop")
    assert replay.urls().count(URL + "/loop") == 6


def test_two_addresses_that_redirect_to_each_other_end(replay, transport):
    replay.serve(URL, Answer(status=307, headers={"Location": "https://other.example/"}))
    replay.serve("https://other.example/", Answer(status=308, headers={"Location": URL}))
    with pytest.raises(Blocked, match="more than 5 times"):
        ask(transport)


def test_a_redirect_that_names_no_place_is_a_bad_answer(replay, transport):
    replay.serve(URL, Answer(status=302))
    replay.serve(URL + "/choice", Answer(status=300, headers={"Location": "/other"}))
    for url in (URL, URL + "/choice"):
        with pytest.raises(BadAnswer, match="neither data nor an error"):
            ask(transport, url)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/", "https://", "nonsense", "https://[x", "http://xn--/"]
)
def test_only_http_addresses_are_asked(transport, url):
    with pytest.raises(Fatal):
        ask(transport, url)


@pytest.mark.parametrize(
    "url", ["https://data.example:0/", "https://data.example:65536/", "https://data.example:99999/"]
)
def test_a_port_that_is_none_is_blocked(transport, url):
    with pytest.raises(Blocked, match="not an http or https address"):
        ask(transport, url)


def test_a_password_in_an_address_is_neither_sent_nor_shown(replay, transport):
    replay.serve(URL, Answer(status=302, headers={"Location": "https://user:hunter2@data.example/x"}))
    replay.serve(URL + "/2", Answer(status=302, headers={"Location": "http://user:hunter2@data.example/x"}))
    for url in ("https://user:hunter2@data.example/", URL, URL + "/2"):
        with pytest.raises(Blocked, match="password before the host") as caught:
            ask(transport, url)
        assert "hunter2" not in str(caught.value)
    assert replay.urls() == [URL, URL + "/2"]


def test_a_header_that_cannot_be_sent_is_blocked(replay, transport):
    with pytest.raises(Blocked, match="cannot be asked"):
        ask(transport, headers={"X-Two": "lines\r\nHost: evil.example"})
    assert replay.asked == []


@pytest.mark.parametrize("base_url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", "file:///tmp"])
def test_base_url_must_be_http(base_url):
    with pytest.raises(ValueError, match="http"):
        Transport(base_url=base_url)

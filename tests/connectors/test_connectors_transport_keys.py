"""A key goes to its own host, and comes back nowhere: not in a message, an answer, a redirect or a repr."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime

import pytest
from replay import Answer

from connectors.addresses import not_public
from connectors.errors import BadAnswer, Blocked, RateLimited, Refused, SourceError
from connectors.keys import SECRETS
from connectors.records import Limits, Request
from connectors.transport import Transport

NOW = datetime(2025, 3, 29, tzinfo=UTC)
COINGECKO = "https://api.coingecko.com/api/v3/global"
COINMARKETCAP = "https://pro-api.coinmarketcap.com/v1/global-metrics/quotes/latest"
CRYPTOPANIC = "https://cryptopanic.com/api/developer/v2/posts/"
OTHER = "https://data.example/"
KEYS = {
    "COINGECKO_DEMO_API_KEY": "CG-secret/1+2",
    "CMC_PRO_API_KEY": "CMC-secret",
    "CRYPTOPANIC_API_KEY": "panic secret",
}
SPELT = (*KEYS.values(), "CG-secret%2F1%2B2", "panic%20secret", "panic+secret")


@pytest.fixture
def transport(replay):
    with Transport(base_url=replay.base_url, environ=KEYS) as transport:
        yield transport


def ask(transport, url, **kwargs):
    return transport.send(Request(url, NOW, **kwargs), Limits(timeout_s=5))


def shows_a_key(text):
    return any(key in text for key in SPELT)


@pytest.mark.parametrize(
    ("url", "header", "value"),
    [
        (COINGECKO, "x-cg-demo-api-key", "CG-secret/1+2"),
        (COINMARKETCAP, "x-cmc_pro_api_key", "CMC-secret"),
    ],
)
def test_a_key_is_sent_as_the_header_its_host_wants(replay, transport, url, header, value):
    replay.serve(url, b"{}")
    ask(transport, url)
    [asked] = replay.asked
    assert asked.headers[header] == value
    assert sum(shows_a_key(sent) for sent in asked.headers.values()) == 1
    assert asked.query == {}


def test_a_key_is_sent_as_the_parameter_its_host_wants(replay, transport):
    replay.serve(CRYPTOPANIC, b"{}")
    ask(transport, CRYPTOPANIC, params={"public": "true", "auth_token": "of another"})
    [asked] = replay.asked
    assert asked.query == {"public": "true", "auth_token": "panic secret"}
    assert not shows_a_key(str(asked.headers))


@pytest.mark.parametrize(
    "url",
    [
        "https://pro-api.coinmarketcap.com/public-api/v1/global-metrics/quotes/latest",
        OTHER,
        "https://pro-api.coingecko.com/api/v3/global",
        "https://api.coingecko.com.evil.example/api/v3/global",
        "https://xcryptopanic.com/",
        "http://api.coingecko.com/api/v3/global",  # not over https
        "http://cryptopanic.com/api/",
    ],
)
def test_no_key_goes_anywhere_else(replay, transport, url):
    replay.serve(url, b"{}")
    ask(transport, url)
    [asked] = replay.asked
    assert not shows_a_key(str(asked))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_key_leaves_over_plain_http_nor_to_a_base_url_on_another_machine(replay, scheme):
    """A machine that isn't this one, as far as its name and address tell; the way there is made to end here."""
    port = replay.base_url.rpartition(":")[2]

    def resolve(host, *question):
        return [(2, 1, 6, "", ("127.0.0.1", int(port)))]

    replay.serve(f"{scheme}://api.coingecko.com/api/v3/global", b"{}")
    replay.serve("https://api/v3/global", b"{}")
    url = f"{scheme}://api.coingecko.com/api/v3/global"
    with Transport(f"http://replay.example:{port}", environ=KEYS, resolve=resolve) as transport:
        ask(transport, url)
    allowed = {"resolve": resolve, "refusal": lambda address: None if address == "127.0.0.1" else not_public(address)}
    with Transport(environ=KEYS, **allowed) as transport:
        ask(transport, f"http://api.coingecko.com:{port}/api/v3/global")
    assert len(replay.asked) == 2
    assert not shows_a_key(str(replay.asked))


@pytest.mark.parametrize(("url", "key"), [(COINGECKO, "CG-secret/1+2"), (CRYPTOPANIC, "panic+secret")])
def test_a_redirect_takes_no_key_to_another_host_not_even_one_it_was_given(replay, transport, url, key):
    replay.serve(url, Answer(status=302, headers={"Location": f"{OTHER}?auth_token={key}&page=2"}))
    replay.serve(OTHER, b"elsewhere")
    assert ask(transport, url).body == b"elsewhere"
    assert not shows_a_key(str(replay.asked[1]))
    assert replay.asked[1].query == {"page": "2"}


def test_a_redirect_on_the_same_host_gets_the_key_again(replay, transport):
    replay.serve(CRYPTOPANIC, Answer(status=301, headers={"Location": "/api/v3/?auth_token=panic%20secret&a=1"}))
    replay.serve("https://cryptopanic.com/api/v3/", b"there")
    assert ask(transport, CRYPTOPANIC).body == b"there"
    assert replay.asked[1].query == {"a": "1", "auth_token": "panic secret"}


def test_a_redirect_with_a_key_in_its_path_is_blocked(replay, transport):
    for location in (f"{OTHER}CMC-secret/x", f"{OTHER}?CMC-secret", "https://CMC-secret.example/"):
        replay.serve(COINMARKETCAP, Answer(status=302, headers={"Location": location}))
        with pytest.raises((Blocked, SourceError)) as caught:
            ask(transport, COINMARKETCAP)
        assert not shows_a_key("".join(traceback.format_exception(caught.value)))
        assert not shows_a_key(str(replay.asked[-1].url))


@pytest.mark.parametrize("url", [COINGECKO, COINMARKETCAP, CRYPTOPANIC])
@pytest.mark.parametrize(
    "answer",
    [
        *(
            Answer(f"your key {' '.join(SPELT)} is not valid".encode(), status, {"Retry-After": "3"})
            for status in (400, 401, 403, 404, 418, 429, 500, 503, 600)
        ),
        Answer(status=302, headers={"Location": "http://127.0.0.1/?k=CG-secret/1+2&l=CMC-secret&m=panic+secret"}),
        Answer(status=302, headers={"Location": "ftp://x/CG-secret/1+2/CMC-secret/panic%20secret"}),
        Answer(status=302, headers={"Location": "http://[CMC-secret"}),
        Answer(status=302, headers={"Location": "http://x.example:CMC-secret/"}),
        Answer(b"x", headers={"Content-Encoding": "CMC-secret"}),
        Answer(b"half", headers={"Content-Length": "100"}),
        Answer(b"not gzip", headers={"Content-Encoding": "gzip"}),
        Answer(b"HTTP/1.1 200 CMC-secret\r\nCMC-secret\r\n\r\n", raw=True),
        Answer(b"x" * 100_000_0),
    ],
)
def test_no_message_shows_a_key(replay, transport, url, answer):
    replay.serve(url, answer)
    with pytest.raises(SourceError) as caught:
        transport.send(Request(url, NOW), Limits(timeout_s=5, max_bytes=1000))
    told = "".join(traceback.format_exception(caught.value))
    assert not shows_a_key(str(caught.value)), str(caught.value)
    assert not shows_a_key(repr(caught.value))
    assert not shows_a_key(told), told


def test_a_timeout_and_a_dead_address_show_no_key(replay, make_replay):
    replay.serve(CRYPTOPANIC, Answer(b"late", after_s=20))
    gone = make_replay()
    gone.close()
    for base_url in (replay.base_url, gone.base_url):
        with Transport(base_url, environ=KEYS) as transport, pytest.raises(SourceError) as caught:
            transport.send(Request(CRYPTOPANIC, NOW), Limits(timeout_s=0.3))
        assert not shows_a_key("".join(traceback.format_exception(caught.value)))
    gone.close = lambda: None


def test_the_wait_a_source_asks_for_outlives_the_hiding(replay, transport):
    replay.serve(COINGECKO, Answer(b"CG-secret/1+2", 429, {"Retry-After": "3"}))
    with pytest.raises(RateLimited, match=r'It said: "\*\*\*"') as caught:
        ask(transport, COINGECKO)
    assert caught.value.retry_after_s == 3.0


def test_an_answer_that_repeats_the_key_is_given_without_it(replay, transport):
    """CryptoPanic writes the key into the address of the next page, which would stand in requests and rejects."""
    page = b'{"next": "https://cryptopanic.com/api/developer/v2/posts/?auth_token=panic+secret&page=2"}'
    replay.serve(CRYPTOPANIC, Answer(page, headers={"Link": "<https://cryptopanic.com/?auth_token=panic%20secret>"}))
    answer = ask(transport, CRYPTOPANIC)
    assert answer.body == b'{"next": "https://cryptopanic.com/api/developer/v2/posts/?auth_token=***&page=2"}'
    assert answer.headers["link"] == "<https://cryptopanic.com/?auth_token=***>"
    ask(transport, "https://cryptopanic.com/api/developer/v2/posts/?auth_token=***&page=2")
    assert replay.asked[-1].query == {"auth_token": "panic secret", "page": "2"}


@pytest.mark.parametrize("key", ["two\r\nlines", "schlüssel-zwölf", "nul\0inside"])
def test_a_key_that_cannot_be_sent_is_refused_unseen(replay, key):
    with (
        Transport(replay.base_url, environ={"COINGECKO_DEMO_API_KEY": key}) as transport,
        pytest.raises(Refused, match="the key in COINGECKO_DEMO_API_KEY") as caught,
    ):
        ask(transport, COINGECKO)
    assert key not in "".join(traceback.format_exception(caught.value))
    assert replay.asked == []


def test_whether_there_is_a_key():
    environ = {"CMC_PRO_API_KEY": " CMC-secret\n", "CRYPTOPANIC_API_KEY": "  "}
    with Transport("http://127.0.0.1", environ=environ) as transport:
        assert transport.has("CMC_PRO_API_KEY")
        assert not transport.has("CRYPTOPANIC_API_KEY")
        assert not transport.has("COINGECKO_DEMO_API_KEY")


def test_blanks_around_a_key_are_not_sent(replay):
    replay.serve(COINGECKO, b"{}")
    with Transport(replay.base_url, environ={"COINGECKO_DEMO_API_KEY": " CG-secret\n"}) as transport:
        ask(transport, COINGECKO)
    assert replay.asked[0].headers["x-cg-demo-api-key"] == "CG-secret"


def test_no_repr_shows_a_key(replay, transport):
    replay.serve(CRYPTOPANIC, b"{}")
    answer = ask(transport, CRYPTOPANIC)
    shown = [repr(transport), str(transport), repr(vars(transport)["_pools"]), repr(SECRETS), repr(answer)]
    assert not shows_a_key(" ".join(shown))


def test_an_answer_of_a_source_that_was_told_no_key_is_left_as_it_is(replay):
    replay.serve(OTHER, b"all about ethereum")
    with Transport(replay.base_url, environ={"COINGECKO_DEMO_API_KEY": "ethereum"}) as transport:
        assert ask(transport, OTHER).body == b"all about ethereum"


def test_a_short_text_under_a_keys_name_does_not_spoil_answers(replay):
    replay.serve(COINGECKO, b"banana")
    with Transport(replay.base_url, environ={"COINGECKO_DEMO_API_KEY": "a"}) as transport:
        assert ask(transport, COINGECKO).body == b"banana"


def test_an_unauthorised_answer_is_no_bad_answer(replay, transport):
    replay.serve(COINMARKETCAP, Answer(b'{"status": {"error_code": 1001}}', 401))
    with pytest.raises(Refused, match="check the key in the environment") as caught:
        ask(transport, COINMARKETCAP)
    assert not isinstance(caught.value, BadAnswer)

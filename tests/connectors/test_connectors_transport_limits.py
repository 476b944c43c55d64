"""Bytes and seconds: whatever a source does, an attempt ends in time and within its memory."""

from __future__ import annotations

import gzip
import threading
import time
import tracemalloc
import zlib
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from replay import Answer, hang, listening

from connectors.encodings import unpacked
from connectors.errors import BadAnswer, NoAnswer, TooBig
from connectors.records import Limits, Request
from connectors.transport import Transport

URL = "https://data.example/v1/things"
NOW = datetime(2025, 3, 29, tzinfo=UTC)
SHORT = Limits(timeout_s=0.3)


@pytest.fixture
def transport(replay):
    with Transport(base_url=replay.base_url, environ={}) as transport:
        yield transport


def ask(transport, limits=SHORT, url=URL):
    return transport.send(Request(url, NOW), limits).body


def is_given_up(transport, limits=SHORT, url=URL):
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"within 0\.3 s"):
        ask(transport, limits, url)
    assert time.monotonic() - began < 1.5


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "slow",
    [
        Answer(b"late", after_s=20),
        Answer(b"drip" * 50, drip_s=0.05),
        Answer(OK + b"X-Padding: " + b"x" * 200, raw=True, drip_s=0.05),  # headers, byte by byte
        Answer((b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50), raw=True, drip_s=0.02),  # a new answer each time
        Answer(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 50, raw=True, drip_s=0.02),
        Answer(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"") * 50, raw=True, drip_s=0.02),
    ],
    ids=["hangs", "drips its body", "drips its headers", "drips early hints", "drips chunks", "drips nothing, packed"],
)
def test_a_source_that_hangs_or_drips_is_given_up(replay, transport, slow):
    replay.serve(URL, slow)
    is_given_up(transport)


def test_time_counts_over_all_redirects(replay, transport):
    for n in range(5):
        there = Answer(status=302, headers={"Location": f"{URL}/{n + 1}"}, after_s=0.1)
        replay.serve(f"{URL}/{n}" if n else URL, there)
    is_given_up(transport)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_socket_that_accepts_and_says_nothing_is_given_up(scheme):
    """Over https it is the handshake that hangs."""
    with listening(hang) as port, Transport(f"{scheme}://127.0.0.1:{port}", environ={}) as transport:
        is_given_up(transport)


def test_a_handshake_that_drips_is_given_up():
    def drip(connection, closing):
        connection.sendall(b"\x16\x03\x03\x40\x00")  # a handshake record of 16,384 bytes, which then come slowly
        while not closing.wait(0.05):
            connection.sendall(b"\x02")

    with listening(drip) as port, Transport(f"https://127.0.0.1:{port}", environ={}) as transport:
        is_given_up(transport)


def test_a_look_up_that_hangs_is_given_up():
    release = threading.Event()

    def resolve(*question):
        release.wait(20)
        return []

    with Transport("http://slow.example", environ={}, resolve=resolve) as transport:
        is_given_up(transport)
    release.set()


@pytest.fixture
def pouring():
    """A transport whose server sends a start and then the same again, for as long as it is let."""

    def of(start, again):
        def pour(connection, closing):
            connection.sendall(start)
            while not closing.is_set():
                connection.sendall(again)

        port = opened.enter_context(listening(pour))
        return opened.enter_context(Transport(f"http://127.0.0.1:{port}", environ={}))

    with ExitStack() as opened:
        yield of


def test_endless_data_ends_with_the_byte_cap(pouring):
    with pytest.raises(TooBig, match="1,000,000 bytes"):
        ask(pouring(OK + b"\r\n", b"x" * 65_536), Limits(timeout_s=10, max_bytes=1_000_000))


def test_endless_headers_end(pouring):
    with pytest.raises(NoAnswer, match="broke"):
        ask(pouring(OK, b"X-Padding: " + b"x" * 10_000 + b"\r\n"), Limits(timeout_s=10))


def test_bytes_are_capped_to_the_byte(replay, transport):
    replay.serve(URL, b"x" * 1001)
    with pytest.raises(TooBig, match="1,000 bytes"):
        ask(transport, Limits(max_bytes=1000))
    assert len(ask(transport, Limits(max_bytes=1001))) == 1001


def bomb(start):
    """2 GB of zeros in 2 MB: one compressed megabyte, 2,048 times. ``start`` is what stands before deflate data."""
    packer = zlib.compressobj(9, wbits=-15)
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + megabyte * 2048


GZIP_START = b"\x1f\x8b\x08" + bytes(6) + b"\xff"


@pytest.mark.parametrize(
    ("encoding", "start"),
    [("gzip", GZIP_START), ("deflate", b"\x78\x9c"), ("deflate", b"")],
    ids=["gzip", "zlib", "raw"],
)
def test_a_bomb_of_two_gigabytes_ends_before_it_fills_the_memory(replay, transport, encoding, start):
    replay.serve(URL, Answer(bomb(start), headers={"Content-Encoding": encoding}))
    tracemalloc.start()
    with pytest.raises(TooBig, match="8,000,000 bytes"):
        ask(transport, Limits(timeout_s=20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000


def test_a_bomb_in_an_error_page_is_read_as_far_as_it_is_quoted(replay, transport):
    replay.serve(URL, Answer(bomb(GZIP_START), 404, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    with pytest.raises(Exception, match="status 404 Not Found"):
        ask(transport, Limits(timeout_s=20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "compress", "GZIP, identity"])
def test_encodings_in_encodings_and_those_not_asked_for_are_bad_answers(replay, transport, encoding):
    replay.serve(URL, Answer(gzip.compress(gzip.compress(b"x")), headers={"Content-Encoding": encoding}))
    with pytest.raises(BadAnswer, match="encoding that was not asked for"):
        ask(transport)
    assert replay.asked[0].headers["accept-encoding"] == "gzip, deflate"


def test_a_packed_file_stays_packed(replay, transport):
    """The bytes of a .gz file are data: only the content encoding is taken off."""
    replay.serve(URL, Answer(gzip.compress(gzip.compress(b"x")), headers={"Content-Encoding": "gzip"}))
    assert gzip.decompress(ask(transport)) == b"x"


TEXT = b"".join(b"%d and further; " % n for n in range(20_000))  # more than one step, and not of one byte
PACKED = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": ("x-gzip", gzip.compress(TEXT)),
    "two gzip members": ("gzip", gzip.compress(TEXT[:70_000]) + gzip.compress(TEXT[70_000:])),
    "gzip with padding": ("gzip", gzip.compress(TEXT) + bytes(512)),
    "zlib": ("deflate", zlib.compress(TEXT)),
    "raw": ("deflate", zlib.compress(TEXT)[2:-4]),
    "none": ("identity", TEXT),
    "nothing said": ("", TEXT),
}


@pytest.mark.parametrize(("encoding", "packed"), PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("size", [1, 7, 65_536])
def test_what_was_packed_is_unpacked_however_it_arrives(encoding, packed, size):
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert b"".join(unpacked(pieces, encoding)) == TEXT


@pytest.mark.parametrize("length", [65_535, 65_536, 65_537, 65_536 + 258, 2 * 65_536, 2 * 65_536 + 1])
@pytest.mark.parametrize("wbits", [31, 15, -15], ids=["gzip", "zlib", "raw"])
def test_an_end_on_the_edge_of_a_step_is_not_lost(wbits, length):
    """A run of one byte leaves zlib with output and no more input."""
    packer = zlib.compressobj(wbits=wbits)
    packed = packer.compress(bytes(length)) + packer.flush()
    assert b"".join(unpacked([packed], "gzip" if wbits == 31 else "deflate")) == bytes(length)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_does_not_unpack_is_a_bad_answer_and_what_is_cut_short_no_answer(replay, transport, encoding):
    whole = gzip.compress(TEXT) if encoding == "gzip" else zlib.compress(TEXT)
    replay.serve(URL, Answer(b"neither of them", headers={"Content-Encoding": encoding}))
    with pytest.raises(BadAnswer, match="does not decompress"):
        ask(transport)
    for cut in (whole[:1], whole[:100], whole[:-5]):
        replay.serve(URL, Answer(cut, headers={"Content-Encoding": encoding}))
        with pytest.raises(NoAnswer, match="its end is missing"):
            ask(transport)

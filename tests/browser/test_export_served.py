"""CSV by address from the served app, behind everything that Streamlit puts before it."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request

import pytest
from serve_app import Served

from data import queries
from data.export import csv_bytes
from data.lake import Lake
from data.reading import Reading
from data.view import View, clock

pytestmark = pytest.mark.browser


def _get(served: Served, address: str, **headers: str):
    asked = urllib.request.Request(
        f"{served.url}{address}", headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        return urllib.request.urlopen(asked, timeout=60)
    except urllib.error.HTTPError as refused:
        return refused


def test_tables_are_served_whole_packed_or_not_and_once(served):
    at = Lake(str(served.home)).pin()
    whole = csv_bytes(queries.export(at, "candles"))
    with _get(served, "/export/table/candles.csv") as answer:
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["access-control-allow-origin"] is None
        assert answer.read() == whole
    with _get(served, "/export/table/candles.csv", Accept_Encoding="gzip") as answer:
        assert gzip.decompress(answer.read()) == whole
        tag = answer.headers["etag"]
    with _get(served, "/export/table/candles.csv", If_None_Match=tag) as answer:
        assert (answer.status, answer.read()) == (304, b"")
    of = View(clock("2025-03-20"), clock("2025-04-06"))
    with _get(served, "/export/stories.csv?from=2025-03-20&to=2025-04-05") as answer:
        assert answer.read() == csv_bytes(Reading(at).rows(of)[0])


@pytest.mark.parametrize(
    ("address", "status"),
    [("/export/nothing.csv", 404), ("/export/", 404), ("/export/table/", 404), ("/export/stories.csv?from=x", 400)],
)
def test_what_is_not_there_is_a_sentence_and_no_page(served, address, status):
    with _get(served, address) as answer:
        assert answer.status == status
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert b"<" not in answer.read()

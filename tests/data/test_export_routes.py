"""CSV by address: the bytes of the page's own table, a sentence for what is wrong, nothing for who has it already."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from lake_rows import bars, candle_table, cap, fit, merged, note
from starlette.applications import Starlette

from dashboard import export_routes
from dashboard.export_routes import ROUTES
from data import queries, view
from data.candles import merge_candles
from data.export import csv_bytes
from data.home import ENV
from data.reading import Reading
from data.view_tables import VIEW_TABLES

MARCH = "from=2025-03-20&to=2025-04-05"
Get = Callable[..., httpx.Response]


def _getter(home: str, monkeypatch) -> Get:
    monkeypatch.setenv(ENV, home)

    async def ask(method: str, address: str, headers: dict[str, str]) -> httpx.Response:
        served = httpx.ASGITransport(Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=served, base_url="http://dashboard") as client:
            return await client.request(method, address, headers=headers)

    # In a thread of its own: the browser tests of the same session have an event loop in this one.
    def get(address: str, method: str = "GET", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(ask(method, address, named))).result()

    return get


@pytest.fixture
def get(sample_home, monkeypatch) -> Get:
    return _getter(str(sample_home), monkeypatch)


@pytest.fixture
def get_own(lake, monkeypatch) -> Get:
    return _getter(lake.home, monkeypatch)


def _rows(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


# ── what pages show ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", VIEW_TABLES)
def test_an_address_answers_with_the_bytes_of_the_pages_own_table(get, sample, name):
    default = view.View(view.FIRST_DAY, view.LAST_DAY)
    of, _ = view.parse({"from": ["2025-03-20"], "to": ["2025-04-05"], "q": ["Salvador"], "compare": ["ETH"]}, default)
    answer = get(f"/export/{name}.csv?{MARCH}&q=Salvador&compare=ETH")
    assert answer.status_code == 200
    assert answer.content == csv_bytes(VIEW_TABLES[name](Reading(sample), of))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="newstape-{name}.csv"')
    assert not [header for header in answer.headers if header.startswith("access-control")]


def test_the_range_the_search_and_the_clock_of_an_address_hold(get):
    told = _rows(get(f"/export/stories.csv?{MARCH}"))
    assert told
    assert all("2025-03-20" <= row["shown_at"] < "2025-04-06" for row in told)
    assert [row["shown_at"] for row in told] == sorted((row["shown_at"] for row in told), reverse=True)
    found = _rows(get(f"/export/stories.csv?{MARCH}&q=salvador+bukele"))
    assert 0 < len(found) < len(told)
    assert all("Bukele" in row["title"] for row in found)
    # Nothing that closed after the clock: the bar of 14:00 is open until 15:00.
    then = _rows(get("/export/prices.csv?from=2025-03-28&to=2025-03-28&known=2025-03-28T14:05Z"))
    assert then[-1]["open_time"] < "2025-03-28T14:05:00Z"
    last = datetime.fromisoformat(then[-1]["open_time"]) + timedelta(seconds=int(then[-1]["bar_s"]))
    assert last <= datetime(2025, 3, 28, 14, 5, tzinfo=UTC)


def test_claims_are_asked_for_as_on_their_page(get):
    stored = _rows(get("/export/table/claims.csv"))
    every = "&".join(f"verdict={name.replace(' ', '+')}" for name in queries.STANDINGS)
    assert len(_rows(get(f"/export/claims.csv?{every}"))) == len(stored) > 0
    opened = _rows(get("/export/claims.csv"))
    assert {row["standing"] for row in opened} <= {"differs", "another definition"}
    assert get("/export/claims.csv?verdict=true").status_code == 400
    assert get("/export/claims.csv?since=2025-04-01&until=2025-03-01").status_code == 400


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/export/story.html", 404, "Tables end in .csv"),
        ("/export/", 404, "Tables end in .csv"),
        ("/export/nothing.csv", 404, "There is no table nothing. There are: stories, prices,"),
        ("/export/table/nothing.csv", 404, "There is no table nothing. There are: alerts, annotations,"),
        ("/export/view/mine/stories.csv", 404, "There is no saved view “mine”."),
        ("/export/stories.csv?form=2025-03-20", 400, "An address has no part form. stories reads: from, to, asset,"),
        ("/export/stories.csv?from=yesterday", 400, "from=yesterday, which cannot be used: it is not a time"),
        ("/export/stories.csv?from=2025-04-05&to=2025-03-20", 400, "The range ends (2025-03-20) before it begins"),
        ("/export/stories.csv?known=now", 400, "known=now, which cannot be used"),
        ("/export/stories.csv?tz=Mars/Olympus", 400, "it is no time zone"),
        ("/export/stories.csv?q=" + "a" * 9_000, 400, "The address is too long"),
        ("/export/table/candles.csv?from=2025-03-20", 400, "it reads: known, where."),
        ("/export/table/candles.csv?known=x", 400, "known=x, which cannot be used"),
        ("/export/table/candles.csv?where=nothing=1", 400, 'Referenced column "nothing" not found'),
        ("/export/table/candles.csv?where=1=1;drop", 400, "takes one condition"),
        ("/export/table/candles.csv?where=open>(select+1)", 400, "not a query within it"),
        ("/export/table/candles.csv?where=length(repeat('x',1000000000))>1", 400, "repeat cannot be used"),
        ("/export/table/candles.csv?where=current_setting('threads')=1", 400, "current_setting cannot be used"),
        ("/export/table/candles.csv?where=" + "NOT " * 450 + "(open>1)", 400, "is nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_in_one_plain_sentence(get, address, status, sentence):
    answer = get(address)
    assert (answer.status_code, sentence in answer.text) == (status, True), answer.text[:500]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.text) < 700
    assert "<" not in answer.text


def test_no_lake_is_a_503_that_names_no_place(tmp_path, monkeypatch):
    answer = _getter(str(tmp_path / "nothing"), monkeypatch)("/export/stories.csv")
    assert (answer.status_code, answer.text) == (503, "No data can be read here now (NoLake).")


def test_who_may_not_see_the_pages_gets_nothing_by_any_address(get, monkeypatch):
    monkeypatch.setattr(export_routes, "allowed", lambda request: False)
    kept = export_routes.offer("a.zip", b"PK")
    for address in ("/export/stories.csv", "/export/table/candles.csv", "/export/view/x/stories.csv", kept):
        assert get(address).status_code == 403


def test_only_reading_is_allowed_and_head_reads_no_rows(get):
    assert get("/export/stories.csv", "POST").status_code == 405
    answer = get(f"/export/stories.csv?{MARCH}", "HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == get(f"/export/stories.csv?{MARCH}").headers["etag"]
    assert get("/export/stories.csv?from=x", "HEAD").status_code == 400


# ── a spreadsheet that asks again and again ───────────────────────────────────────────────────────────


def test_a_poll_gets_304_until_something_is_stored(lake, get_own, monkeypatch):
    address = "/export/table/market-caps.csv"
    merged(lake, "market_caps", [cap(1)])
    tag = get_own(address).headers["etag"]
    monkeypatch.setattr(export_routes, "_lines", None)  # nothing is read
    answer = get_own(address, If_None_Match=f'"other", {tag}')
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    monkeypatch.undo()
    monkeypatch.setenv(ENV, lake.home)
    merged(lake, "market_caps", [cap(2)])
    answer = get_own(address, If_None_Match=tag)
    assert (answer.status_code, len(_rows(answer))) == (200, 2)


def test_another_query_is_another_tag(get):
    tags = [
        get(address).headers["etag"]
        for address in ("/export/stories.csv", f"/export/stories.csv?{MARCH}", f"/export/prices.csv?{MARCH}")
    ]
    assert len({*tags}) == 3
    assert get("/export/stories.csv?to=2025-04-05&from=2025-03-20").headers["etag"] == tags[1]


# ── whole tables ──────────────────────────────────────────────────────────────────────────────────────


def test_a_table_is_what_the_command_line_exports(get, sample):
    where = "symbol = 'BTC/USDT' AND interval IN ('1d', '1h') AND open_time >= '2025-03-28'"
    answer = get(f"/export/table/candles.csv?where={where}&known=2025-03-30")
    assert answer.content == csv_bytes(queries.export(sample, "candles", where, view.clock("2025-03-30")))
    # 28 and 29 March, in hours and days.
    assert len(_rows(answer)) == 48 + 2
    assert get("/export/table/story-members.csv").content == csv_bytes(queries.export(sample, "story_members"))


@pytest.mark.parametrize(
    "where", ["title ILIKE '%etf%'", "NOT (url IS NULL) OR lower(publisher) LIKE 'a%'", "", "true"]
)
def test_conditions_that_compare_are_taken(get, where):
    assert get(f"/export/table/articles.csv?where={where.replace('%', '%25')}").status_code == 200


def test_a_cell_that_a_spreadsheet_would_run_is_defused(lake, get_own):
    merged(lake, "annotations", [note(1, "=HYPERLINK(A1)")])
    assert _rows(get_own("/export/table/annotations.csv"))[0]["note"] == "'=HYPERLINK(A1)"


def test_a_table_streams_on_through_a_merge_and_a_compaction(lake, monkeypatch):
    """The rows of the first piece are handed over; then all files are replaced; the rest is as it was."""
    opens = [datetime(2025, month, 1, tzinfo=UTC) + timedelta(minutes=n) for month in (1, 2, 3) for n in range(3)]
    with lake.writing():
        merge_candles(lake, candle_table(bars(opens, range(100, 109))))
    at = lake.pin()
    whole = csv_bytes(queries.export(at, "candles"))
    lines = export_routes._lines(at, "table/candles", {})
    got = [next(lines)]
    with lake.writing():
        merge_candles(lake, candle_table(bars(opens, range(200, 209))))
    lake.compact()
    got.extend(lines)
    assert len(got) > 3
    assert "".join(got).encode() == whole
    assert csv_bytes(queries.export(lake.pin(), "candles")) != whole


# ── saved views ───────────────────────────────────────────────────────────────────────────────────────


def test_a_saved_view_is_exported_by_its_name(sample_lake, monkeypatch):
    saved = {
        "view_id": "v1",
        "name": "Bukele / March “25”",
        "page": "timeline",
        "query": f"{MARCH}&q=salvador",
        "created_at": datetime(2026, 7, 1, tzinfo=UTC),
    }
    with sample_lake.writing():
        sample_lake.merge("saved_views", fit("saved_views", [saved]))
    get = _getter(sample_lake.home, monkeypatch)
    direct = get(f"/export/stories.csv?{MARCH}&q=salvador")
    by_name = get("/export/view/Bukele%20%2F%20March%20%E2%80%9C25%E2%80%9D/stories.csv")
    assert by_name.status_code == 200
    assert by_name.content == direct.content != get(f"/export/stories.csv?{MARCH}").content
    assert by_name.headers["content-disposition"].isascii()
    assert get("/export/view/v1/stories.csv").content == direct.content
    assert get("/export/view/v1/stories.csv?known=2024-01-01").content != direct.content


# ── packs ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pack_is_handed_over_for_ten_minutes_to_who_knows_its_address(get, monkeypatch):
    address = export_routes.offer("newstape.zip", b"PK\x05\x06", "/desk/")
    assert address.startswith("/desk/export/pack/")
    answer = get(address)
    assert (answer.status_code, answer.content) == (200, b"PK\x05\x06")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="newstape.zip"'
    assert get("/export/pack/guessed/newstape.zip").status_code == 404
    now = export_routes.time.monotonic()
    monkeypatch.setattr(export_routes.time, "monotonic", lambda: now + 601)
    assert get(address).status_code == 404


def test_of_many_packs_the_newest_are_kept(get):
    addresses = [export_routes.offer(f"{n}.zip", b"PK") for n in range(export_routes.MOST_PACKS + 1)]
    assert [get(address).status_code for address in addresses] == [404] + [200] * export_routes.MOST_PACKS

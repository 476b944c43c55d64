"""The chart's bytes, its events and its script; read back by a decoder of the test's own."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import re
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from dashboard.chart import script
from dashboard.chart.events import ChartEvent, event_of
from dashboard.chart.payload import (
    MOST_BARS,
    MOST_MARKS,
    Band,
    Candles,
    Chart,
    Columns,
    Lanes,
    Line,
    Panel,
    TooMuch,
    cut,
    encode,
)
from dashboard.chart.routes import ROUTES

START, END = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC)
START_MS = 1_740_787_200_000  # date -u -d 2025-03-01 +%s
FORMATS = {"f8": "d", "i4": "i", "u1": "B"}


def read(message: bytes) -> tuple[dict, callable]:
    """Header, and what gives an array of it; ``struct`` alone, so nothing is shared with the code under test."""
    (length,) = struct.unpack_from("<I", message)
    assert (4 + length) % 8 == 0
    head = json.loads(message[4 : 4 + length])

    def array(told: dict) -> list[float]:
        assert told["at"] % 8 == 0
        return list(struct.unpack_from(f"<{told['n']}{FORMATS[told['type']]}", message, 4 + length + told["at"]))

    return head, array


def instants(told: dict, array: callable) -> list[float]:
    return [told["base"] + s * 1000 for s in array(told)] if "base" in told else array(told)


def at(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts), utc=True, format="ISO8601").as_unit("us"))


def bars(n: int = 3, step_s: int = 3600) -> pd.DataFrame:
    opened = np.arange(n) + 100.0
    times = pd.date_range(START, periods=n, freq=f"{step_s}s", unit="us")
    return pd.DataFrame(
        {
            "open_time": times,
            "open": opened,
            "high": opened + 2,
            "low": opened - 1,
            "close": opened + 1,
            "value": opened * 9,
        }
    )


def marks(n: int = 1, **columns: object) -> pd.DataFrame:
    times = pd.Series(pd.date_range(START, periods=n, freq="h", unit="us"))
    told = {
        "item_id": [f"i{i}" for i in range(n)],
        "at": times,
        "until": times,
        "lane": "hack",
        "title": "A headline",
        "detail": "Example Wire",
        "shape": "circle",
        "span": "point",
        "count": 1,
    }
    return pd.DataFrame({**told, **columns})


def chart(*panels: Panel | Lanes, **options: object) -> Chart:
    return replace(Chart(panels, START, END, START, END, "Nothing to see."), **options)


def test_candles_arrive_as_they_are_stored():
    frame = bars(3)
    head, array = read(encode(chart(Panel("BTC", [Candles("binance", frame, 3600)], log=True))))

    (series,) = head["panels"][0]["series"]
    assert (series["kind"], series["step"], head["panels"][0]["log"]) == ("candles", 3_600_000, True)
    assert instants(series["t"], array) == [START_MS, START_MS + 3_600_000, START_MS + 7_200_000]
    assert array(series["open"]) == [100.0, 101.0, 102.0]
    assert array(series["high"]) == [102.0, 103.0, 104.0]
    assert array(series["low"]) == [99.0, 100.0, 101.0]
    assert array(series["close"]) == [101.0, 102.0, 103.0]


def test_a_bar_that_lacks_a_value_is_left_out_and_a_line_breaks_there():
    frame = bars(3)
    frame.loc[1, ["low", "close", "value"]] = np.nan
    line = pd.DataFrame({"at": frame["open_time"], "value": frame["close"]})
    head, array = read(encode(chart(Panel("BTC", [Candles("a", frame, 3600), Line("b", line, "blue", 3600)]))))

    candles, drawn = head["panels"][0]["series"]
    assert instants(candles["t"], array) == [START_MS, START_MS + 7_200_000]
    assert array(candles["close"]) == [101.0, 103.0]
    assert array(drawn["value"])[::2] == [101.0, 103.0]
    assert np.isnan(array(drawn["value"])[1])


def test_a_column_says_whether_its_bar_rose_and_a_band_has_two_edges():
    frame = bars(2)
    frame["close"] = [99.0, 101.0]  # opened at 100 and 101: one fell, one stood still
    apart = pd.DataFrame({"at": frame["open_time"], "low": [1.0, 2.0], "high": [3.0, 4.0]})
    head, array = read(encode(chart(Panel("Volume", [Columns("v", frame, 3600), Band("apart", apart, "grey")]))))

    columns, band = head["panels"][0]["series"]
    assert array(columns["rising"]) == [0, 1]
    assert (array(band["value"]), array(band["upper"])) == ([1.0, 2.0], [3.0, 4.0])


@given(st.lists(st.integers(0, 4_000_000_000_000_000), min_size=1, max_size=30, unique=True).map(sorted))
def test_every_instant_survives_to_the_microsecond(us):
    frame = pd.DataFrame({"at": pd.Series(pd.to_datetime(us, unit="us", utc=True)), "value": 1.0})
    head, array = read(encode(chart(Panel("x", [Line("x", frame, "blue")]))))
    told = instants(head["panels"][0]["series"][0]["t"], array)
    assert [round(ms * 1000) for ms in told] == us


def test_times_in_another_zone_are_the_same_instants_and_times_without_one_are_refused():
    frame = bars(2)
    moved = frame.assign(open_time=frame["open_time"].dt.tz_convert("Asia/Kolkata"))
    assert encode(chart(Panel("x", [Candles("x", moved, 3600)]))) == encode(
        chart(Panel("x", [Candles("x", frame, 3600)]))
    )
    bare = frame.assign(open_time=frame["open_time"].dt.tz_localize(None))
    with pytest.raises(TypeError, match="no zone"):
        encode(chart(Panel("x", [Candles("x", bare, 3600)])))
    with pytest.raises(TypeError, match="without a zone"):
        encode(chart(known_at=datetime(2025, 3, 2)))


def test_a_mark_keeps_its_exact_time_its_end_and_its_words():
    told = marks(
        2,
        at=at("2025-03-28T14:05:30.250Z", "2025-03-29T00:00:00Z"),
        until=pd.Series([pd.NaT, pd.Timestamp("2025-03-31", tz="UTC")]).astype("datetime64[us, UTC]"),
        lane=["ETF", "hack"],
        shape=["triangle", "circle"],
        span=["point", "bin"],
        count=[1, 17],
    )
    head, array = read(encode(chart(Lanes("News", ["hack", "ETF"], told, note="18 of 1,412 shown"))))
    (panel,) = head["panels"]
    sent = panel["marks"]
    # date -u -d '2025-03-28 14:05:30' +%s; 29 and 31 March
    assert array(sent["t"]) == [1_743_170_730_250, 1_743_206_400_000]
    assert array(sent["until"]) == [1_743_170_730_250, 1_743_379_200_000]
    assert array(sent["lane"]) == [1, 0]
    assert array(sent["count"]) == [1, 17]
    assert (array(sent["shape"]), array(sent["span"])) == ([3, 0], [0, 3])
    assert sent["id"] == ["i0", "i1"]
    assert panel["note"] == "18 of 1,412 shown"


@pytest.mark.parametrize(("column", "value"), [("lane", "weather"), ("shape", "hexagon"), ("span", "while")])
def test_a_mark_that_cannot_be_placed_is_refused(column, value):
    with pytest.raises(ValueError, match=f"{column}: '{value}' is not one of"):
        encode(chart(Lanes("News", ["hack"], marks(1, **{column: value}))))


def test_more_than_a_panel_may_draw_is_refused():
    encode(chart(Panel("x", [Candles("x", bars(MOST_BARS), 3600)]), Lanes("News", ["hack"], marks(MOST_MARKS))))
    with pytest.raises(TooMuch, match=r"2,001 values.*at most 2,000"):
        encode(chart(Panel("x", [Candles("x", bars(MOST_BARS + 1), 3600)])))
    with pytest.raises(TooMuch, match="501 marks; at most 500"):
        encode(chart(Lanes("News", ["hack"], marks(MOST_MARKS + 1))))


def test_a_full_chart_stays_below_250_kb():
    frame = bars(MOST_BARS, 60)
    line = pd.DataFrame({"at": frame["open_time"], "value": frame["close"]})
    full = chart(
        Panel("BTC", [Candles("x", frame, 60)]),
        Panel("Volume", [Columns("v", frame, 60)]),
        Panel("Total cap", [Line("a", line, "blue"), Line("b", line, "orange")]),
        Lanes(
            "News",
            ["hack"],
            marks(
                MOST_MARKS,
                title="A headline of some ninety characters, as they are in the trade press on a usual day, or more",
            ),
        ),
    )
    assert len(encode(full)) <= 250_000


def test_disorder_is_refused():
    with pytest.raises(ValueError, match="not in order"):
        encode(chart(Panel("x", [Candles("x", bars(3).iloc[::-1], 3600)])))
    with pytest.raises(ValueError, match="before it begins"):
        encode(chart(start=END, end=START))


def test_the_range_shown_lies_within_how_far_it_can_be_moved():
    head, _ = read(encode(chart(first=START + timedelta(days=2), last=END - timedelta(days=2))))
    assert head["limits"] == head["range"] == [START_MS, START_MS + 31 * 86_400_000]


def test_an_empty_panel_says_so_and_one_with_values_does_not():
    head, _ = read(
        encode(
            chart(
                Panel("a", [Candles("x", bars(0), 3600)], empty="No price"),
                Panel("b", [Candles("x", bars(1), 3600)], empty="No price"),
                Panel("c", [], empty="No cap"),
                Lanes("d", ["hack"], marks(0), empty="No story"),
                Lanes("e", ["hack"], marks(1), empty="No story"),
            )
        )
    )
    assert [panel["empty"] for panel in head["panels"]] == ["No price", "", "No cap", "No story", ""]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.integers(1, 40))
def test_a_cut_text_is_one_line_of_its_own_beginning(text, most):
    line = cut(text, most)
    assert len(line) <= most
    assert len(line.splitlines()) <= 1
    whole = " ".join(text.split())
    assert line == whole or (line.endswith("…") and whole.startswith(line[:-1]))


def test_a_hostile_headline_costs_its_beginning_only():
    head, _ = read(encode(chart(Lanes("News", ["hack"], marks(1, title="<b>" + "x" * 1_000_000)))))
    assert len(head["panels"][0]["marks"]["title"][0]) == 160


# ── what the browser tells ────────────────────────────────────────────────────────────────────────────


def test_a_range_is_two_aware_instants():
    event = event_of({"range": {"from": START_MS, "to": START_MS + 1500, "seen": 3}})
    assert event.range == (START, START + timedelta(seconds=1.5))
    assert event.seen == 3
    assert event
    assert not event_of({"range": None, "selected": None, "picture": None})


PNG = b"\x89PNG\r\n\x1a\nrest"


def test_an_item_and_a_picture_arrive():
    sent = {"selected": "story-1", "picture": {"name": "p1", "png": base64.b64encode(PNG).decode()}}
    assert event_of(sent) == ChartEvent(None, "story-1", ("p1", PNG), None)


@pytest.mark.parametrize("png", ["not base64!", base64.b64encode(b"<svg>").decode(), 7, None])
def test_a_picture_that_is_no_png_is_not_taken(png):
    assert event_of({"picture": {"name": "p1", "png": png}}) == ChartEvent()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["from", "to", "seen", "name", "png"]), inner)
    ),
)


@given(st.dictionaries(st.sampled_from(["range", "selected", "picture"]), ANYTHING))
def test_whatever_else_arrives_is_no_event_or_a_sound_one(told):
    event = event_of(told)
    if event.range:
        assert datetime(1970, 1, 1, tzinfo=UTC) <= event.range[0] < event.range[1]
    assert event.selected is None or (event.selected and len(event.selected) <= 200)
    assert event.picture is None or event.picture[1].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "span",
    [{"from": 5, "to": 5, "seen": 0}, {"from": -1, "to": 5, "seen": 0}, {"from": 0, "to": 9e15, "seen": 0},
     {"from": 0, "to": float("nan"), "seen": 0}, {"from": True, "to": 5, "seen": 0}, {"from": "0", "to": 5, "seen": 0}],
)  # fmt: skip
def test_a_range_that_is_none_is_not_taken(span):
    assert event_of({"range": span}) == ChartEvent()


# ── the script ────────────────────────────────────────────────────────────────────────────────────────


def get(path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        served = httpx.ASGITransport(Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=served, base_url="http://dashboard") as client:
            return await client.get(path, headers=headers)

    # In a thread of its own: the browser tests of the same session have an event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(ask())).result()


def test_the_script_is_served_for_ever_under_its_digest_and_no_other():
    address = f"/api/chart/{script.digest()}.js"
    answer = get(address)
    assert answer.status_code == 200
    assert answer.text == script.module()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert get("/mounted/here" + address).status_code == 200
    assert get("/api/chart/0123456789abcdef.js").status_code == 404
    assert gzip.decompress(script.packed()).decode() == script.module()


def test_the_loader_asks_below_the_path_the_app_is_mounted_at():
    assert f'"/api/chart/{script.digest()}.js"' in script.loader("")
    assert f'"/a/b/api/chart/{script.digest()}.js"' in script.loader("/a/b/")


def test_every_file_is_in_the_script_once_and_no_name_twice():
    assert {path.stem for path in script.ASSETS.glob("*.js")} == set(script.FILES)
    names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", script.module(), re.MULTILINE)
    assert len(names) == len(set(names))
    assert not re.search(r"^import |^export (?!default)", script.module(), re.MULTILINE)


def test_strangers_text_never_becomes_markup_in_the_script():
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", script.module())
    assert not re.search(r"https?://|//cdn", script.module())


def test_the_file_of_its_own_holds_the_message_and_asks_nobody():
    message = encode(chart(Lanes("News", ["hack"], marks(1, title="</script><script>alert(1)</script>"))))
    page = script.standalone(message, "<Range> & story")
    assert "<title>&lt;Range&gt; &amp; story</title>" in page
    assert "alert(1)" not in page  # the headline is inside the base64
    held = base64.b64decode(re.search(r'atob\("([^"]+)"\)', page)[1])
    assert held.endswith(message)
    assert "default-src 'none'" in page
    assert page.count("</script>") == 1

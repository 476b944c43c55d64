"""What an analyst does on the timeline, in a real browser against the served app."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from charts import CHART, held, panel, settle, state, stories, wait_for_chart
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

#: Binance BTCUSDT, last trade of 2025-03-28 (day close; the data archive says 84,424.38).
DAY_CLOSE = "$84,424.38"
DAY = 86_400_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def downloaded(page: Page, name: str) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))


def test_the_home_page_paints_with_the_el_salvador_story_marked(visit) -> None:
    page = visit("/").page

    # Of thirteen years, it stands in the pill of its months.
    chosen = [mark for mark in state(page)["marks"] if state(page)["selected"] in (mark["id"], *mark["members"])]
    assert len(chosen) == 1
    assert [p["title"].split(" (")[0] for p in state(page)["panels"]] == ["BTC, USD", "Total cap, USD", "News by topic"]
    expect(page.locator(".nt-title")).to_contain_text(["El Salvador"])
    expect(page.get_by_text(DAY_CLOSE).first).to_be_visible()


def test_clicking_a_marker_fills_the_panel_and_the_address(visit) -> None:
    page = visit("/?from=2021-08-20&to=2021-09-30").page
    marker = next(m for m in stories(page) if "becomes legal tender" in m["title"])

    page.mouse.click(marker["x"], marker["y"])

    expect(page).to_have_url(re.compile(re.escape(f"story={marker['id']}")))
    settle(page)
    expect(page.locator(".nt-title")).to_contain_text([re.compile("legal tender", re.IGNORECASE)])
    # Published 07:34 UTC: the last trade of 07:33 on Binance, and CoinGecko's total of 00:00 UTC to four figures.
    expect(page.locator(".nt-facts").nth(1)).to_contain_text("$52,271.10")
    expect(page.locator(".nt-facts").nth(1)).to_contain_text("$2.467 T")
    assert state(page)["selected"] == marker["id"]


def test_a_link_restores_range_filters_and_story(visit) -> None:
    first = visit("/?from=2021-08-20&to=2021-09-30&q=Salvador&style=candles&scale=log&tz=Asia/Kolkata").page
    marker = stories(first)[0]
    first.mouse.click(marker["x"], marker["y"])
    expect(first).to_have_url(re.compile(r"story=\w+"))
    settle(first)
    address = first.url.split("/", 3)[3]

    second = visit(f"/{address}").page

    expect(second.locator(".nt-title")).to_have_text([first.locator(".nt-title").inner_text()])
    expect(second.get_by_label("Search titles")).to_have_value("Salvador")
    assert {m["id"] for m in stories(second)} == {m["id"] for m in stories(first)}
    assert state(second)["range"] == state(first)["range"] == [ms("2021-08-20"), ms("2021-10-01")]
    price = panel(second, "BTC")
    assert (price["series"][0]["kind"], price["log"]) == ("candles", True)
    assert state(second)["range_text"][0] == "Fri 20 Aug 2021 05:30 IST"


def test_the_downloaded_csv_equals_the_table_and_the_chart(visit) -> None:
    page = visit("/?from=2025-03-01&to=2025-04-30").page
    rows = downloaded(page, "Stories CSV")
    assert len(rows) >= 10

    # The table is drawn on a canvas; beside it stands a plain one for screen readers, with the cells in view.
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    grid.locator("table tbody tr td").first.wait_for(state="attached")
    shown = grid.evaluate(
        "grid => [...grid.querySelectorAll('table tbody tr')].map("
        "row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
    )
    assert len(shown) >= 8
    for row, cells in zip(rows, shown, strict=False):
        at, title, price = cells[:3]
        assert title == row["title"]
        assert float(price) == float(row["price_usd"])
        assert datetime.fromisoformat(at) == datetime.fromisoformat(row["shown_at"])
    assert {*held(page)} == {row["story_id"] for row in rows}


def test_the_price_csv_holds_what_the_chart_shows(visit) -> None:
    page = visit("/?from=2025-03-14&to=2025-04-10").page
    rows = downloaded(page, "Prices CSV")
    assert [float(row["close"]) for row in rows] == panel(page, "BTC")["series"][0]["values"]
    assert rows[0]["open_time"] == "2025-03-14T00:00:00Z"
    assert rows[-1]["open_time"].startswith("2025-04-10T")


def test_zooming_refines_the_bars_and_says_the_range_in_the_address(visit) -> None:
    page = visit("/?from=2023-01-01&to=2025-12-31").page
    coarse = len(panel(page, "BTC")["series"][0]["values"])
    before = state(page)["range"]
    left, right = state(page)["plot"]
    top = state(page)["panels"][0]["top"]

    page.mouse.move((left + right) / 2, top + 60)
    page.mouse.wheel(0, -1500)

    page.wait_for_function(
        f"length => {CHART}.model.range[1] - {CHART}.model.range[0] < length", arg=(before[1] - before[0]) / 2
    )
    settle(page)
    start, end = state(page)["range"]
    expect(page).to_have_url(re.compile(r"from=.*&to="))
    fine = panel(page, "BTC")
    assert fine["note"] != ""
    # The finer bars of a shorter range: more of them a day than before.
    assert len(fine["series"][0]["values"]) / (end - start) > 1.5 * coarse / (before[1] - before[0])


def test_a_preset_shows_its_span_and_is_pressed(visit) -> None:
    page = visit("/").page
    page.get_by_role("radio", name="1M").or_(page.get_by_role("button", name="1M")).first.click()
    # The sample's last Bitcoin hour opens 2026-06-20 00:00 or later that day; a month back from its end.
    page.wait_for_function(f"() => {CHART}.model.range[1] - {CHART}.model.range[0] === 31 * 86400000")
    settle(page)
    expect(page).to_have_url(re.compile("from=2026-05-"))


def test_ticking_a_row_selects_its_mark(visit) -> None:
    page = visit("/?from=2025-03-01&to=2025-04-30").page
    wanted = downloaded(page, "Stories CSV")[2]
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    settle(page)
    box = grid.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + 14, box["y"] + 35 + 2 * 35 + 17)  # the tick box of the third row
    expect(page).to_have_url(re.compile(re.escape(f"story={wanted['story_id']}")))
    page.wait_for_function(f"id => {CHART}.selected === id", arg=wanted["story_id"])
    expect(page.locator(".nt-title")).to_have_text([wanted["title"]])


def test_filters_narrow_what_is_shown(visit) -> None:
    page = visit("/").page
    everything = len(held(page))

    page.get_by_label("Search titles").fill("Bukele")
    page.keyboard.press("Enter")
    page.wait_for_function(f"count => {CHART}.places.reduce((sum, one) => sum + one.count, 0) < count", arg=everything)

    assert all("Salvador" in mark["title"] or "Bukele" in mark["title"] for mark in stories(page))
    expect(page).to_have_url(re.compile("q=Bukele"))


@pytest.mark.parametrize("timezone", ["America/New_York", "Asia/Kolkata"])
def test_the_browsers_own_zone_changes_nothing_that_is_not_asked_for(visit, timezone: str) -> None:
    page = visit("/?from=2025-03-28&to=2025-03-29", timezone=timezone).page
    wait_for_chart(page)
    assert state(page)["range"] == [ms("2025-03-28"), ms("2025-03-30")]
    assert state(page)["range_text"] == ["Fri 28 Mar 2025 00:00 UTC", "Sun 30 Mar 2025 00:00 UTC"]
    expect(page.get_by_text("2025-03-28 00:00 to 2025-03-30 00:00 UTC").first).to_be_visible()


def test_data_health_says_that_nothing_was_fetched_yet(visit) -> None:
    page = visit("/health", chart=False).page
    expect(page.get_by_text("No source has been asked yet")).to_be_visible()
    expect(page.get_by_text("Price series")).to_be_visible()

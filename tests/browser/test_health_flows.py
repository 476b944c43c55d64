"""The data health page, the notice and the monitors' address, against a served lake that the refresh has written."""

from __future__ import annotations

import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from charts import wait_for_chart
from health_lakes import few_sources, refreshed
from playwright.sync_api import expect
from serve_app import Served, serving

from data.lake import Lake

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Prices of five days ago, a feed that fails, and a total and a feed that are fresh."""
    folder = tmp_path_factory.mktemp("refreshed")
    home = Path(shutil.copytree(empty_home, folder / "lake"))
    sources, now = few_sources(folder), datetime.now(UTC)
    refreshed(Lake(str(home)), sources, now - timedelta(hours=125))
    refreshed(
        Lake(str(home)), sources, now, down=("coindesk",), names=["coindesk", "decrypt", "total-market-cap"]
    )  # fmt: skip
    with serving(home, {"NEWSTAPE_SOURCES": str(sources)}) as running:
        yield running


def test_an_operator_sees_at_once_what_needs_attention(visit) -> None:
    page = visit("/health", chart=False).page
    expect(page.locator(".nt-lead")).to_have_text("2 of 4 jobs fresh; 1 failing (coindesk), 1 stale (candles-btc-usd).")
    expect(page.locator(".nt-alert")).to_have_text(
        "coindesk: https://www.coindesk.com/ answered 503: <b>down</b> for *maintenance*."
    )
    grid = page.get_by_test_id("stDataFrame").first
    grid.locator("table tbody tr td").first.wait_for(state="attached")
    first = grid.evaluate("grid => [...grid.querySelectorAll('table tbody tr')].slice(0, 2).map(r => r.innerText)")
    assert "failing" in first[0]
    assert "coindesk" in first[0]
    assert "kraken-btc-usd" in first[1]


def test_a_ticked_source_shows_its_error_in_full_and_how_to_ask_it(visit) -> None:
    page = visit("/health", chart=False).page
    canvas = page.get_by_test_id("stDataFrame").first.locator("canvas").first
    canvas.wait_for()
    page.wait_for_timeout(500)  # the canvas has no event for its first painting
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 52)  # the first row's box
    expect(page.locator(".nt-facts")).to_contain_text("newstape refresh --source coindesk")
    expect(page.locator(".nt-quote")).to_contain_text("answered 503: <b>down</b>")


def test_the_strips_show_the_gap_and_the_span_is_kept_in_the_address(visit) -> None:
    page = visit("/health", chart=False).page
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.get_by_role("radio", name="All").or_(page.get_by_role("button", name="All")).first.click()
    expect(page).to_have_url(re.compile("span=All"))
    page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot')._fullData.find(t => t.name === 'missing').x.length > 0",
    )
    told = page.evaluate(
        "() => document.querySelector('.js-plotly-plot')._fullData.find(t => t.name === 'missing').text[0]"
    )
    assert re.search(r"kraken BTC/USD 1h<br>missing: (\d{4}-\d\d-(?:05|20)) 03:00 to \1 07:00 UTC<br>4 bars", told)


def test_the_timeline_says_what_is_late_and_leads_to_the_page_that_says_why(visit) -> None:
    page = visit("/", chart=False).page
    notice = page.locator(".nt-alert")
    expect(notice).to_contain_text("Prices of BTC/USD: last fetched 5.2 days ago (new every 1 h)")
    expect(notice).to_contain_text("News of coindesk: failing")
    top = notice.bounding_box()["y"]
    wait_for_chart(page)
    assert notice.bounding_box()["y"] == top  # it came with the page and moved nothing
    notice.get_by_role("link", name="Data health").click()
    expect(page).to_have_url(re.compile("/health$"))
    expect(page.locator(".nt-lead")).to_be_visible()


@pytest.mark.parametrize("path", ["/health", "/"])
def test_nothing_is_wider_than_a_phone(visit, path: str) -> None:
    page = visit(path, width=390, chart=False).page
    wait_for_chart(page) if path == "/" else page.wait_for_selector(".js-plotly-plot .main-svg")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_monitor_is_answered_beside_the_pages(served) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{served.url}/api/health", timeout=60)
    assert (refused.value.code, refused.value.headers["Cache-Control"]) == (503, "no-store")
    told = json.loads(refused.value.read())
    assert {job["job"]: job["state"] for job in told["jobs"]}["coindesk"] == "failing"
    refused.value.close()
    with urllib.request.urlopen(f"{served.url}/_stcore/health", timeout=10) as alive:
        assert (alive.status, alive.read()) == (200, b"ok")

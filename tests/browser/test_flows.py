"""What an analyst does, in a real browser against the served app."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

#: Binance BTCUSDT, last trade of 2025-03-28 (day close; the data archive says 84,424.38).
DAY_CLOSE = "$84,424.38"


def _markers(page: Page) -> list[dict]:
    """Every drawn marker with its place on the screen, read from plotly itself."""
    return page.evaluate("""() => {
      const gd = document.querySelector('.js-plotly-plot'), box = gd.getBoundingClientRect();
      const out = [];
      for (const trace of gd._fullData) {
        if (!trace.customdata) continue;
        const x = gd._fullLayout[trace.xaxis.replace('x', 'xaxis')];
        const y = gd._fullLayout[trace.yaxis.replace('y', 'yaxis')];
        trace.x.forEach((at, i) => out.push({
          lane: trace.name, story: String(trace.customdata[i]), text: trace.text[i],
          symbol: Array.isArray(trace.marker.symbol) || ArrayBuffer.isView(trace.marker.symbol)
            ? trace.marker.symbol[i] : trace.marker.symbol,
          x: box.left + x._offset + x.d2p(at), y: box.top + y._offset + y.d2p(trace.y[i])}));
      }
      return out;
    }""")


def _settle(page: Page) -> None:
    """Wait until the script has run; while it runs, what it drew before stays beside what it draws now."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def _chosen(page: Page) -> list[dict]:
    return [marker for marker in _markers(page) if marker["symbol"] == "star"]


def test_the_home_page_paints_with_the_el_salvador_story_marked(visit) -> None:
    page = visit("/").page

    chosen = _chosen(page)
    assert len(chosen) == 1
    assert "El Salvador" in chosen[0]["text"]
    panels = page.evaluate(
        "() => Object.keys(document.querySelector('.js-plotly-plot')._fullLayout)"
        ".filter(name => /^yaxis\\d*$/.test(name)).length"
    )
    assert panels == 3  # price, total market cap, news
    expect(page.locator(".nt-title")).to_contain_text(["El Salvador"])
    expect(page.get_by_text(DAY_CLOSE).first).to_be_visible()


def test_clicking_a_marker_fills_the_panel_and_the_address(visit) -> None:
    page = visit("/?from=2021-08-20&to=2021-09-30").page
    marker = next(m for m in _markers(page) if "becomes legal tender" in m["text"])

    page.mouse.click(marker["x"], marker["y"])

    expect(page).to_have_url(re.compile(re.escape(f"story={marker['story']}")))
    _settle(page)
    expect(page.locator(".nt-title")).to_contain_text([re.compile("legal tender", re.IGNORECASE)])
    # Published 07:34 UTC: the last trade of 07:33 on Binance, and CoinGecko's total of 00:00 UTC to four figures.
    expect(page.locator(".nt-facts").nth(1)).to_contain_text("$52,271.10")
    expect(page.locator(".nt-facts").nth(1)).to_contain_text("$2.467 T")
    page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot')._fullData"
        ".some(t => t.customdata && [].concat(Array.from(t.marker.symbol)).includes('star'))"
    )
    assert [m["story"] for m in _chosen(page)] == [marker["story"]]


def test_a_link_restores_range_filters_and_story(visit) -> None:
    first = visit("/?from=2021-08-20&to=2021-09-30&q=Salvador&style=candles&log=false").page
    marker = _markers(first)[0]
    first.mouse.click(marker["x"], marker["y"])
    expect(first).to_have_url(re.compile(r"story=\w+"))
    _settle(first)
    address = first.url.split("/", 3)[3]

    second = visit(f"/{address}").page

    title = first.locator(".nt-title").inner_text()
    expect(second.locator(".nt-title")).to_have_text([title])
    expect(second.get_by_label("Search titles")).to_have_value("Salvador")
    assert {m["story"] for m in _markers(second)} == {m["story"] for m in _markers(first)}
    assert second.evaluate("() => document.querySelector('.js-plotly-plot')._fullData[0].type") == "candlestick"


def test_the_downloaded_csv_equals_the_table(visit) -> None:
    page = visit("/?from=2025-03-01&to=2025-04-30").page
    with page.expect_download() as download:
        page.get_by_role("button", name="Stories CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
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
        at, precision, title, publisher, topics, price, *_ = cells
        assert (precision, title, publisher, topics) == tuple(
            row[name] for name in ("published_precision", "title", "publisher", "topics")
        )
        assert float(price) == float(row["price_usd"])
        assert datetime.fromisoformat(at) == datetime.fromisoformat(row["shown_at"])
    # … and every marker is a row.
    assert {marker["story"] for marker in _markers(page)} == {row["story_id"] for row in rows}


def test_the_price_csv_holds_what_the_chart_shows(visit) -> None:
    page = visit("/?from=2025-03-14&to=2025-04-10&log=false").page
    with page.expect_download() as download:
        page.get_by_role("button", name="Prices CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))

    drawn = json.loads(
        page.evaluate(
            "() => JSON.stringify(Array.from(document.querySelector('.js-plotly-plot')"
            "._fullData[0].y).filter(v => v !== null && !Number.isNaN(v)))"
        )
    )
    assert [float(row["close"]) for row in rows] == drawn
    assert rows[0]["open_time"] == "2025-03-14T00:00:00Z"
    assert rows[-1]["open_time"] == "2025-04-10T23:00:00Z"


def test_filters_and_presets_narrow_what_is_shown(visit) -> None:
    page = visit("/").page
    everything = len(_markers(page))

    page.get_by_label("Search titles").fill("Bukele")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "count => document.querySelector('.js-plotly-plot')._fullData"
        ".filter(t => t.customdata).reduce((n, t) => n + t.x.length, 0) < count",
        arg=everything,
    )

    assert all("Salvador" in m["text"] or "Bukele" in m["text"] for m in _markers(page))
    expect(page).to_have_url(re.compile("q=Bukele"))


def test_data_health_says_that_nothing_was_fetched_yet(visit) -> None:
    page = visit("/health", chart=False).page
    expect(page.get_by_text("No source has been asked yet")).to_be_visible()
    expect(page.get_by_text("Price series")).to_be_visible()

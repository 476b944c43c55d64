"""The Market page in a real browser: watchlists, range, clock, zone, and pictures of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from charts import CHART, settle, state
from crowded_lake import crowded_lake
from flows import (
    address,
    choose_option,
    ms,
    opened,
    rows_of,
    serving_copy,
    shown_range,
    shut,
    type_into,
    wait_for_other_range,
)
from pictures import picture
from playwright.sync_api import Page, expect
from serve_app import Served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_copy(empty_home, tmp_path_factory.mktemp("market"), crowded_lake) as running:
        yield running


def listed(page: Page, count: int) -> list[str]:
    """The assets of the table, top to bottom, once it has so many."""
    expect(page.get_by_test_id("stDataFrame").first.locator("table tbody tr")).to_have_count(count)
    return [row[1] for row in rows_of(page)]


def test_a_watchlist_is_made_chosen_changed_and_deleted(visit) -> None:
    name = "Mine <b>x</b> **y**"
    page = visit("/market").page
    everything = listed(page, 10)
    assert everything[:3] == ["BTC", "ETH", "SOL"]

    form = opened(page, "Lists$")
    form.get_by_label("Name of the new list").fill(name)
    form.get_by_label("Its assets, in order").fill("xlm, sol")
    form.get_by_role("button", name="Make the list").click()
    expect(page).to_have_url(re.compile("list="))
    expect(page.get_by_text(re.compile("^2 of the 10 assets"))).to_be_visible()
    assert set(listed(page, 2)) == {"SOL", "XLM"}
    link = page.url.split("/", 3)[3]

    form = opened(page, "Lists$")
    form.get_by_label("Assets, in order", exact=True).fill("SOL, XLM, ADA")
    form.get_by_role("button", name="Save the list").click()
    expect(page.get_by_text(re.compile("^3 of the 10 assets"))).to_be_visible()
    settle(page)
    shut(page)

    # The address says which list; without one all are there again.
    page = visit(f"/{link}").page
    expect(page.get_by_role("combobox", name="Watchlist")).to_have_value(name)
    assert set(listed(page, 3)) == {"SOL", "XLM", "ADA"}
    form = opened(page, "Lists$")
    form.get_by_role("button", name="Delete the list").click()
    expect(page.get_by_text(re.compile("^10 of the 10 assets"))).to_be_visible()
    settle(page)
    assert "list" not in address(page)
    assert listed(page, 10) == everything


def test_the_range_the_clock_and_the_zone_of_the_market(visit) -> None:
    page = visit("/market", timezone="Asia/Kolkata").page
    # The newest value is of 20 April.
    year = shown_range(page)
    assert year[1] == ms("2025-04-20")
    page.get_by_role("radio", name="1M", exact=True).click()
    assert wait_for_other_range(page, year) == [ms("2025-03-20"), ms("2025-04-20")]
    assert address(page)["from"] == ["2025-03-20"]

    opened(page, "Now, UTC")
    type_into(page, "Known at (UTC)", "2025-03-28 14:05")
    expect(page.get_by_text("Known at 2025-03-28 14:05 UTC. Nothing later is shown.")).to_be_visible()
    settle(page)
    newest = page.evaluate(f"() => Math.max(...{CHART}.model.panels.flatMap(p => p.series.flatMap(s => [...s.t])))")
    assert newest == ms("2025-03-28")
    expect(page.get_by_text(re.compile("^10 of the 10 assets .* 2025-03-28 00:00 UTC"))).to_be_visible()
    assert {row[8][:10] for row in rows_of(page)} == {"2025-03-28"}
    choose_option(page, "Time zone", "Asia/Kolkata")
    expect(page.get_by_text("Known at 2025-03-28 19:35 IST (Asia/Kolkata), 2025-03-28 14:05 UTC.")).to_be_visible()
    settle(page)
    assert state(page)["range_text"][0] == "Thu 20 Mar 2025 05:30 IST"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("dark", 390)])
def test_screenshot(visit, tmp_path: Path, scheme: str, width: int) -> None:
    page = visit("/market", scheme=scheme, width=width, height=1900).page
    picture(page, "market-full" if width > 400 else "market-phone", scheme, tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

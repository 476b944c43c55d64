"""From a story on the timeline to its copies, and from a claim to its story, in a real browser."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pictures import picture
from playwright.sync_api import Locator, Page, expect
from serve_app import Served, serving
from story_lakes import TITLE, story_lake

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("stories") / "lake"))
    story_lake(home)
    with serving(home) as running:
        yield running


def _settle(page: Page) -> None:
    """Wait until the script has run, however busy the machine is; what follows then stands there at once."""
    page.locator(".nt-title, .nt-lead").first.wait_for()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def _tick(page: Page, name: str, row: int) -> None:
    """Tick a row of the table of that name; tables are drawn on a canvas, 35 px a row below the header."""
    grid = page.get_by_test_id("stDataFrame").filter(has=page.locator(f"[aria-label='{name}']")).first
    grid.scroll_into_view_if_needed()
    canvas = grid.locator("canvas").first
    canvas.wait_for()
    page.wait_for_timeout(500)  # the canvas has no event for its first painting
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 52 + 35 * row)


def _diff(page: Page) -> Locator:
    return page.locator(".nt-diff")


def test_from_the_timeline_to_the_words_that_a_copy_changed(visit) -> None:
    page = visit("/?from=2025-03-27&to=2025-03-30&story=harbour").page
    page.get_by_role("link", name=re.compile("Open the story")).click()
    expect(page).to_have_url(re.compile(r"/story\?.*story=harbour"))
    expect(page.locator(".nt-title")).to_have_text(TITLE)
    expect(_diff(page).locator("ins").first).to_have_text("Port")

    _tick(page, "Articles of the story", 1)
    expect(page).to_have_url(re.compile("copy=daily"))
    expect(page.get_by_text("Beta Daily (syndicated) against Alpha Wire: 100 %")).to_be_visible()
    expect(_diff(page).locator("ins")).to_have_count(0)


def test_another_story_in_the_window_opens_and_back_returns(visit) -> None:
    page = visit("/story?story=harbour", chart=False).page
    _settle(page)
    _tick(page, "Stories", 0)
    expect(page).to_have_url(re.compile("story=exchange"))
    expect(page.locator(".nt-title")).to_have_text("Exchange opens an office by the sea")
    page.get_by_role("link", name="Show on the timeline").click()
    expect(page).to_have_url(re.compile(r"localhost:\d+/\?.*story=exchange"))
    expect(page.locator(".nt-title").first).to_have_text("Exchange opens an office by the sea")


def test_a_longer_window_redraws_its_part_and_then_opens_a_story(visit) -> None:
    page = visit("/story?story=harbour", chart=False).page
    _settle(page)
    page.get_by_text("7 days", exact=True).click()
    expect(page.get_by_text("2 within 7 days, the nearest first.")).to_be_visible()
    expect(page).to_have_url(re.compile("within=7"))
    _tick(page, "Stories", 1)
    expect(page.locator(".nt-title")).to_have_text("Council counts coins")
    expect(page).to_have_url(re.compile("story=later"))


def test_the_ladder_and_the_path_are_drawn_with_every_article(visit) -> None:
    page = visit("/story?story=harbour", chart=False).page
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot .scatterlayer .trace').length >= 4")
    drawn = page.evaluate(
        "() => [...document.querySelectorAll('.js-plotly-plot')].map(g => g._fullData.map(t => Array.from(t.x).length))"
    )
    # Ten instants, one of them a day long (a line of three points); 187 bars and the gap, three dated articles.
    assert drawn == [[3, 10], [188, 3]]


def test_from_a_filtered_claim_to_its_card_and_its_story(visit) -> None:
    page = visit("/claims", chart=False).page
    expect(page.locator(".nt-lead")).to_have_text("2 of 2 shown.")
    page.get_by_role("button", name="Add the 1 that cannot be checked").click()
    expect(page.locator(".nt-lead")).to_have_text("3 of 3 shown.")
    page.get_by_label("Search quotes").fill("alpha")
    page.get_by_label("Search quotes").press("Enter")
    expect(page.locator(".nt-lead")).to_have_text("2 of 2 shown.")
    expect(page).to_have_url(re.compile("text=alpha"))

    _settle(page)
    _tick(page, "Claims, the newest first", 1)
    expect(page.locator(".nt-card mark")).to_have_text("its dominance was 61.5%")
    expect(page).to_have_url(re.compile(r"claim=wire"))
    expect(page.locator(".nt-card .nt-verdict.cannot")).to_have_text("? cannot check")

    page.get_by_role("link", name="Open its story").click()
    expect(page).to_have_url(re.compile(r"/story\?story=harbour"))
    expect(page.locator(".nt-title")).to_have_text(TITLE)


def test_a_link_restores_filters_and_the_chosen_claim(visit) -> None:
    first = visit("/claims?verdict=matches&quantity=Price&tense=historical", chart=False).page
    expect(first.locator(".nt-lead")).to_have_text("1 of 1 shown.")
    expect(first.locator(".nt-card mark")).to_have_text("Bitcoin traded at $80,300")


@pytest.mark.parametrize(
    ("path", "button", "rows"),
    [
        ("/story?story=harbour", "Articles CSV", 4),
        ("/story?story=harbour", "Times CSV", 12),
        ("/story?story=harbour", "Path CSV", 187),
        ("/story?story=harbour", "Claims CSV", 5),  # three claims, one row a check
        ("/story?story=harbour", "Stories CSV", 1),
        ("/claims", "Claims CSV", 2),
        ("/claims", "Providers CSV", 5),
        ("/claims", "Matrix CSV", 2),
    ],
)
def test_a_csv_holds_the_rows_that_are_shown(visit, path: str, button: str, rows: int) -> None:
    page = visit(path, chart=False).page
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    text = download.value.path().read_text(encoding="utf-8")
    assert len(list(csv.DictReader(io.StringIO(text)))) == rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "path", "height"), [("story", "/story?story=harbour", 2300), ("claims", "/claims", 1300)]
)
def test_screenshot(visit, tmp_path: Path, name: str, path: str, height: int, scheme: str) -> None:
    picture(visit(path, scheme=scheme, height=height, chart=False).page, name, scheme, tmp_path)


@pytest.mark.parametrize("path", ["/story?story=harbour", "/claims"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(visit, path: str, width: int) -> None:
    page = visit(path, width=width, chart=False).page
    page.wait_for_selector("[data-testid=stDataFrame] canvas")
    _settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "() => [...document.querySelectorAll('.nt-card, .nt-diff, .nt-facts')]"
        ".filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.className)"
    )
    assert wide == []

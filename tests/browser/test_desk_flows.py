"""Notes, saved views and evidence packs on the timeline itself, in a real browser against the served app."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from charts import CHART, panel, settle, state, stories, wait_for_chart
from flows import address, choose_option, ms, opened, serving_copy, shown_range, shut
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from serve_app import Served
from story_lakes import TITLE, story_lake

pytestmark = pytest.mark.browser

HARBOUR = "/?from=2025-03-20&to=2025-04-05&story=harbour"
HOSTILE = "<img src=https://evil.example/x.png onerror=alert(1)> ![a](https://evil.example/y.png) **bold** $x$"


@pytest.fixture(scope="module")
def served(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_copy(empty_home, tmp_path_factory.mktemp("desk"), story_lake) as running:
        yield running


def notes(page: Page) -> dict[str, str]:
    """The notes of their lane: what each says, and how it lies in time."""
    return {
        mark["title"]: ("point", "event")[mark["span"]]
        for mark in state(page)["marks"]
        if mark["id"].startswith("note:")
    }


def wait_for_notes(page: Page, count: int) -> None:
    page.wait_for_function(f"n => {CHART}.places.filter(p => p.id.startsWith('note:')).length === n", arg=count)
    settle(page)


def test_notes_are_written_seen_changed_and_deleted(visit) -> None:
    page = visit(HARBOUR, height=1400).page
    form = opened(page, "Note$")
    form.get_by_label("Note", exact=True).fill(HOSTILE)
    form.get_by_label("Your name").fill("Ana <b>Ruiz</b>")
    form.get_by_role("button", name="Save the note").click()
    wait_for_notes(page, 1)

    form = opened(page, "Note$")
    form.get_by_text("A time", exact=True).click()
    form.get_by_label("Time", exact=True).fill("2025-03-30 09:00")
    form.get_by_label("Until, for a span").fill("2025-03-31 18:00")
    form.get_by_label("Note", exact=True).fill("The weekend of the count")
    form.get_by_role("button", name="Save the note").click()
    wait_for_notes(page, 2)
    shut(page)
    assert notes(page) == {HOSTILE: "point", "The weekend of the count": "event"}
    assert panel(page, "Notes")["note"] == "2 in this range"

    # The list says both, oldest first, as text: no picture, no bold, nobody asked.
    cards = page.locator(".nt-card").filter(has_text=", written ")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text(HOSTILE)
    expect(cards.nth(0)).to_contain_text("2025-03-28 12:00")
    expect(cards.nth(0)).to_contain_text("Ana <b>Ruiz</b>, written ")
    expect(cards.nth(1)).to_contain_text("2025-03-30 09:00 to 2025-03-31 18:00")
    assert page.locator(".nt-card img, .nt-card strong").count() == 0

    # A click on the mark of a note on a story chooses its story.
    mark = next(one for one in state(page)["marks"] if one["title"] == HOSTILE)
    other = next(one for one in stories(page) if one["id"] == "later")
    page.mouse.click(other["x"], other["y"])
    expect(page).to_have_url(re.compile("story=later"))
    settle(page)
    page.mouse.click(mark["x"], mark["y"])
    expect(page).to_have_url(re.compile("story=harbour"))
    expect(page.locator(".nt-title").first).to_have_text(TITLE)
    settle(page)

    choose_option(page, "Change a note", "The weekend")
    page.get_by_label("Its words").fill("The weekend of the recount")
    page.get_by_role("button", name="Save the change").click()
    expect(cards.nth(1)).to_contain_text("The weekend of the recount")
    expect(cards.nth(1)).to_contain_text("changed ")
    settle(page)
    assert set(notes(page)) == {HOSTILE, "The weekend of the recount"}

    choose_option(page, "Change a note", "The weekend")
    page.get_by_role("button", name="Delete the note").click()
    expect(cards).to_have_count(1)
    wait_for_notes(page, 1)


def test_a_saved_view_opens_by_its_link_and_is_deleted(visit, served) -> None:
    name = "Harbour <i>week</i> [x](https://evil.example)"
    first = visit(f"{HARBOUR}&q=harbour&tz=Asia/Kolkata").page
    form = opened(first, "Views$")
    expect(form.get_by_text("No view is saved yet.")).to_be_visible()
    form.get_by_label("Name of this view").fill(name)
    form.get_by_role("button", name="Save this view").click()
    link = form.get_by_role("link", name=name)
    expect(link).to_be_visible()
    settle(first)
    href = link.get_attribute("href")

    page = visit(f"/{href.lstrip('/')}", timezone="America/Los_Angeles").page
    settle(page)
    assert shown_range(page) == [ms("2025-03-20"), ms("2025-04-06")]
    assert state(page)["selected"] == "harbour"
    assert [mark["id"] for mark in stories(page)] == ["harbour"]
    assert state(page)["range_text"][0].endswith("IST")
    form = opened(page, "Views$")
    expect(form.get_by_text("shown now")).to_be_visible()
    form.get_by_text("Rename or delete").click()
    choose_option(page, "View", name)
    form.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No view is saved yet.")).to_be_visible()
    settle(page)


def test_a_saved_view_is_renamed_and_a_reload_shows_it(visit) -> None:
    page = visit(HARBOUR).page
    form = opened(page, "Views$")
    form.get_by_label("Name of this view").fill("Harbour")
    form.get_by_role("button", name="Save this view").click()
    expect(form.get_by_role("link", name="Harbour")).to_be_visible()
    href = form.get_by_role("link", name="Harbour").get_attribute("href")
    form.get_by_text("Rename or delete").click()
    choose_option(page, "View", "Harbour")
    form.get_by_label("New name").fill("The week of the <b>harbour</b>")
    form.get_by_role("button", name="Rename", exact=True).click()
    expect(form.get_by_role("link", name="The week of the <b>harbour</b>", exact=True)).to_be_visible()
    settle(page)

    page.reload()
    wait_for_chart(page)
    settle(page)
    form = opened(page, "Views$")
    links = form.get_by_role("link")
    expect(links).to_have_text(["The week of the <b>harbour</b>"])
    assert links.first.get_attribute("href") == href  # another name for the same address
    form.get_by_text("Rename or delete").click()
    choose_option(page, "View", "The week of the <b>harbour</b>")
    form.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No view is saved yet.")).to_be_visible()
    settle(page)


def test_a_watchlist_is_renamed_and_a_reload_shows_it(visit) -> None:
    page = visit("/market").page
    form = opened(page, "Lists$")
    form.get_by_label("Name of the new list").fill("First name")
    form.get_by_label("Its assets, in order").fill("BTC, ETH")
    form.get_by_role("button", name="Make the list").click()
    expect(page).to_have_url(re.compile("list="))
    settle(page)
    named = address(page)["list"]

    form = opened(page, "Lists$")
    form.get_by_label("Name", exact=True).fill("Second name")
    form.get_by_role("button", name="Save the list").click()
    expect(page.get_by_role("combobox", name="Watchlist")).to_have_value("Second name")
    settle(page)

    page.reload()
    expect(page.get_by_role("combobox", name="Watchlist")).to_have_value("Second name")
    settle(page)
    assert address(page)["list"] == named
    form = opened(page, "Lists$")
    expect(form.get_by_label("Name", exact=True)).to_have_value("Second name")
    expect(form.get_by_label("Assets, in order", exact=True)).to_have_value("BTC, ETH")
    form.get_by_role("button", name="Delete the list").click()
    expect(page.get_by_role("combobox", name="Watchlist")).to_have_attribute("placeholder", "No list yet")
    settle(page)


def test_one_click_hands_over_what_the_page_shows(visit, served, browser: Browser, tmp_path: Path) -> None:
    page = visit(f"{HARBOUR}&panels=price,volume,caps,news&style=candles&known=2025-04-03T12:00Z").page
    settle(page)
    drawn = state(page)
    size = page.evaluate(f"() => [{CHART}.frame.layout.width, {CHART}.frame.layout.height]")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Evidence pack").click()
    path = tmp_path / begun.value.suggested_filename
    begun.value.save_as(path)
    query = page.url.split("?", 1)[1]
    with zipfile.ZipFile(path) as pack:
        held = {name: pack.read(name) for name in pack.namelist()}

    picture = Image.open(BytesIO(held["chart.png"])).convert("RGB")
    assert picture.size == (round(2 * size[0]), round(2 * size[1]))  # two points a pixel
    colours = picture.getcolors(10_000_000)
    assert len(colours) > 50
    assert max(count for count, _ in colours) < 0.98 * picture.width * picture.height

    # Each CSV is what its address hands over, and what the manifest makes again.
    csvs = {name: text for name, text in held.items() if name.endswith(".csv")}
    assert {"stories.csv", "prices.csv", "market-caps.csv", "story.csv", "story-claims.csv"} <= set(csvs)
    for name, text in csvs.items():
        assert page.context.request.get(f"{served.url}/export/{name}?{query}").body() == text, name
    made = json.loads(held["manifest.json"])
    assert (
        page.context.request.get(f"{served.url}/export/stories.csv?{urlencode(made['query'], True)}").body()
        == (csvs["stories.csv"])
    )
    command = [Path(sys.executable).parent / "newstape", "export", "--manifest", path, "--output", tmp_path / "again"]
    subprocess.run([*map(str, command), "--home", str(served.home)], check=True, capture_output=True)
    assert {one.name: one.read_bytes() for one in (tmp_path / "again").iterdir()} == csvs

    (tmp_path / "chart.html").write_bytes(held["chart.html"])
    alone = browser.new_context(viewport={"width": 1000, "height": 900}).new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.on("console", lambda message: asked.append(message.text) if message.type == "error" else None)
    alone.on("pageerror", lambda error: asked.append(str(error)))
    alone.goto((tmp_path / "chart.html").as_uri())
    alone.wait_for_function("() => document.querySelector('.chart')?.newstape?.frame")
    shown = alone.evaluate("() => document.querySelector('.chart').newstape.state()")
    assert asked == [(tmp_path / "chart.html").as_uri()]
    assert [one["series"] for one in shown["panels"]] == [one["series"] for one in drawn["panels"]]
    assert {mark["id"] for mark in shown["marks"]} == {mark["id"] for mark in drawn["marks"]}
    assert shown["range"] == drawn["range"]
    alone.context.close()
    assert address(page)["known"] == ["2025-04-03T12:00Z"]

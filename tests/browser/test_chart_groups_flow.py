"""Marks that would touch at a chart's width are counted together in the browser; on the chart's own page."""

from __future__ import annotations

import itertools

import pytest
from chart_alone import CHART, ids, state
from chart_page import LANES
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def marks_by_lane(page: Page) -> list[list[dict]]:
    """Left to right, of each lane."""
    found = sorted(state(page)["marks"], key=lambda one: (one["y"], one["x"]))
    return [list(lane) for _, lane in itertools.groupby(found, key=lambda one: one["y"])]


@pytest.mark.parametrize("width", [1280, 900, 390])
def test_no_mark_covers_another_and_the_line_says_how_many_stand_alone(open_chart, width) -> None:
    page = open_chart("?marks=many", width=width)
    lanes = marks_by_lane(page)
    assert len(lanes) == len(LANES)
    for lane in lanes:
        for one, after in itertools.pairwise(lane):
            assert one["x"] + one["half"] < after["x"] - after["half"]
    drawn = [one for lane in lanes for one in lane]
    alone = [one for one in drawn if one["count"] == 1]
    # 494 of the crowd, five single ones, and seventeen that the server counted.
    assert sum(one["count"] for one in drawn) == 516
    assert sorted(item for one in drawn for item in one["members"] or [one["id"]]) == sorted(ids(page))
    line = f"{len(alone)} of 516 stories shown, the others counted in {len(drawn) - len(alone)} bins"
    assert state(page)["panels"][-1]["note"] == line
    assert page.locator(".stage").get_attribute("aria-description").startswith(line)
    for one in drawn:
        assert state(page)["plot"][0] <= one["x"] <= state(page)["plot"][1]


def test_a_pill_made_in_the_browser_opens_until_what_it_counts_stands_alone(open_chart) -> None:
    page = open_chart("?marks=many", width=390)
    for _ in range(6):
        # Not what the server counted: this page's has no closer look.
        pills = [one for one in state(page)["marks"] if one["members"] and "etf-03250800" not in one["members"]]
        if not pills:
            break
        pill = max(pills, key=lambda one: one["count"])
        before = state(page)["range"]
        page.mouse.click(pill["x"], pill["y"])
        page.wait_for_function(f"length => {CHART}.to - {CHART}.from < length", arg=before[1] - before[0])
        found = {item for one in state(page)["marks"] for item in one["members"] or [one["id"]]}
        assert found >= set(pill["members"])
    assert [one["count"] for one in state(page)["marks"] if one["id"] in pill["members"]] == [1] * len(pill["members"])


def test_clicks_go_through_what_stands_at_one_time(open_chart) -> None:
    page = open_chart("?marks=twins")
    for members in (["twin-A", "twin-B"], ["C", "D"]):
        pill = next(one for one in state(page)["marks"] if one["members"] == members)
        assert (pill["title"], pill["count"]) == ("2 stories", 2)
        before = state(page)["range"]
        for chosen in [*members, members[0]]:
            page.mouse.click(pill["x"], pill["y"])
            expect(page.get_by_text(f"item {chosen}", exact=True)).to_be_visible()
        assert state(page)["range"] == before


def test_the_keyboard_goes_on_from_a_story_that_a_pill_holds(open_chart) -> None:
    page = open_chart("?marks=twins")
    page.locator(".stage").focus()
    for key in ("n", "n", "n", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("item twin-A", exact=True)).to_be_visible()
    page.keyboard.press("n")
    assert "Some time" in state(page)["said"] or "2 stories" in state(page)["said"]
    assert "5 of 7" not in state(page)["said"]

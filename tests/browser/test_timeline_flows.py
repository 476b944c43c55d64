"""What an analyst does on a timeline too full for a mark a story, in a real browser against the served app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from charts import CHART, held, panel, settle, state, stories
from crowded_lake import HOSTILE, HOSTILE_NUMBER, STORIES, between, crowded_lake, known_by, out_at, title
from flows import (
    address,
    choose_option,
    day_in,
    downloaded,
    drag,
    instant,
    ms,
    opened,
    read,
    rows_of,
    serving_copy,
    shown_range,
    shut,
    tick,
    type_day,
    type_into,
    wait_for_other_range,
)
from playwright.sync_api import Page, expect
from serve_app import Served

pytestmark = pytest.mark.browser

#: The crowd, and the three stories of the lake it was added to.
ALL = STORIES + 3
YEAR = "/?from=2024-05-01&to=2025-04-21"
DAY = 86_400_000
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture(scope="module")
def served(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_copy(empty_home, tmp_path_factory.mktemp("crowd"), crowded_lake) as running:
        yield running


def counted(page: Page) -> list[int]:
    """The numbers of the line that says how many of how many stories are shown, and in how many bins the others."""
    line = page.get_by_text(re.compile(r"of [\d,]+ stor(y|ies) shown")).first.inner_text()
    found = re.search(r"([\d,]+) of ([\d,]+) stor\w+ shown(?:, the others counted in ([\d,]+) bins?)?", line)
    return [int(number.replace(",", "")) for number in found.groups() if number is not None]


@pytest.mark.parametrize(
    ("scheme", "width", "timezone"),
    [("light", 1280, "America/Los_Angeles"), ("dark", 390, "Asia/Kolkata")],
)
def test_a_crowded_year_is_counted_and_a_pill_opens_into_single_stories(visit, scheme, width, timezone) -> None:
    page = visit(YEAR, scheme=scheme, width=width, height=2200, timezone=timezone).page
    settle(page)
    marks = state(page)["marks"]
    bins = [mark["count"] for mark in marks if mark["count"] > 1]
    assert counted(page) == [len(marks) - len(bins), ALL, len(bins)]
    assert sum(mark["count"] for mark in marks) == ALL
    assert len(marks) <= 500

    ranges = [shown_range(page)]
    while any(mark["count"] > 1 for mark in state(page)["marks"]):
        pill = max(state(page)["marks"], key=lambda mark: mark["count"])
        page.mouse.click(pill["x"], pill["y"])
        ranges.append(wait_for_other_range(page, ranges[-1]))
        assert len(ranges) < 6
    start, end = map(instant, ranges[-1])
    assert start >= instant(ranges[0][0])
    assert end <= instant(ranges[0][1])
    inside = between(start, end)
    assert len(inside) > 3
    assert {*held(page)} >= set(inside)
    assert counted(page) == [len(stories(page))] * 2
    assert ms(address(page)["from"][0].rstrip("Z")) == ranges[-1][0]

    page.go_back()
    wait_for_other_range(page, ranges[-1])
    assert shown_range(page) == ranges[-2]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_range_by_hand_by_preset_and_by_days(visit) -> None:
    page = visit("/?from=2025-01-01&to=2025-03-31").page
    before = shown_range(page)
    left, right = state(page)["plot"]
    top = state(page)["panels"][0]["top"]

    page.mouse.move((left + right) / 2, top + 60)
    page.mouse.wheel(0, -300)  # closer by e, about the middle
    closer = wait_for_other_range(page, before)
    assert closer[1] - closer[0] == pytest.approx((before[1] - before[0]) / 2.71828, rel=1e-3)
    assert sum(closer) / 2 == pytest.approx(sum(before) / 2, abs=DAY / 2)

    drag(page, ((left + right) / 2, top + 60), (right - left) / 4)  # what is under the hand comes along: earlier
    earlier = wait_for_other_range(page, closer)
    length = closer[1] - closer[0]
    assert earlier[1] - earlier[0] == length
    assert closer[0] - earlier[0] == pytest.approx(length / 4, rel=0.02)
    assert ms(address(page)["from"][0].rstrip("Z")) == earlier[0]

    # Bars end with 20 April: a preset is that long and ends there.
    days, now = {"1D": 1, "1W": 7, "1M": 31, "3M": 90, "1Y": 365}, earlier
    for name, length in days.items():
        page.get_by_role("radio", name=name, exact=True).click()
        now = wait_for_other_range(page, now)
        assert now == [ms("2025-04-21") - length * DAY, ms("2025-04-21")]
    page.get_by_role("radio", name="All", exact=True).click()
    now = wait_for_other_range(page, now)
    assert now == [ms("2024-05-01"), ms("2025-04-21T23:00")]  # the last story came out at 22:30

    type_day(page, "^From", "2025-03-10")
    now = wait_for_other_range(page, now)
    assert now == [ms("2025-03-10"), ms("2025-04-22")]
    type_day(page, "^To, included", "2025-03-12")
    assert wait_for_other_range(page, now) == [ms("2025-03-10"), ms("2025-03-13")]
    assert (address(page)["from"], address(page)["to"]) == (["2025-03-10"], ["2025-03-12"])
    assert set(between(instant(ms("2025-03-10")), instant(ms("2025-03-13")))) == {*held(page)}


def test_a_link_restores_range_filters_story_clock_and_zone(visit) -> None:
    """In a browser that has never been here; and what the first browser showed, the second does."""
    said = "from=2025-02-01&to=2025-03-31&topic=hack&topic=etf&about=BTC&q=desk&lanes=source&style=candles"
    first = visit(f"/?{said}&known=2025-03-28T14:05Z&tz=Asia/Kolkata").page
    marker = stories(first)[-3]
    first.mouse.click(marker["x"], marker["y"])
    expect(first).to_have_url(re.compile(f"story={marker['id']}"))
    settle(first)

    second = visit(f"/{first.url.split('/', 3)[3]}", timezone="America/Los_Angeles").page
    settle(second)

    assert shown_range(second) == shown_range(first) == [ms("2025-02-01"), ms("2025-04-01")]
    # Every second of the crowd is about BTC, and of those every second about hacks and the others about ETFs.
    wanted = set(between(instant(ms("2025-02-01")), instant(ms("2025-04-01")))) & known_by(
        instant(ms("2025-03-28T14:05"))
    )
    wanted = {name for name in wanted if int(name[-3:]) % 2 == 0 and int(name[-3:]) != HOSTILE_NUMBER}
    assert {*held(second)} == {*held(first)} == wanted
    assert state(second)["selected"] == marker["id"]
    expect(second.locator(".nt-title").first).to_have_text(title(int(marker["id"][-3:])))
    expect(second.get_by_text("Known at 2025-03-28 19:35 IST (Asia/Kolkata), 2025-03-28 14:05 UTC.")).to_be_visible()
    expect(second.get_by_label("Search titles")).to_have_value("desk")
    assert panel(second, "News by source")["lanes"] == ["feed", "wire"]
    assert panel(second, "BTC")["series"][0]["kind"] == "candles"
    assert state(second)["range_text"] == state(first)["range_text"]
    assert state(second)["range_text"][0].endswith("IST")


def test_mark_row_and_panel_are_linked_and_the_choice_survives(visit) -> None:
    page = visit("/?from=2024-11-01&to=2025-01-31").page
    inside = between(instant(ms("2024-11-01")), instant(ms("2025-02-01")))
    assert counted(page) == [len(inside)] * 2
    # A mark, oldest but twenty: its row is on the second page of 200 and is the one ticked there.
    wanted = inside[20]
    marker = next(mark for mark in stories(page) if mark["id"] == wanted)
    page.mouse.click(marker["x"], marker["y"])
    expect(page).to_have_url(re.compile(f"story={wanted}"))
    expect(page.locator(".nt-title").first).to_have_text(title(int(wanted[-3:])))
    expect(
        page.get_by_text(re.compile(rf"{len(inside)} stories in this range, 201 to {len(inside)} listed"))
    ).to_be_visible()
    settle(page)

    # A row; its mark is then the chosen one.
    rows = rows_of(page)
    tick(page, 1)
    page.wait_for_function(f"id => {CHART}.selected !== id", arg=wanted)
    settle(page)
    chosen = state(page)["selected"]
    assert title(int(chosen[-3:])) == rows[1][1]
    expect(page.locator(".nt-title").first).to_have_text(rows[1][1])
    assert address(page)["story"] == [chosen]

    # J is the story before it, K the one after.
    place = inside.index(chosen)
    page.locator(".nt-title").first.click()
    for key, step in (("j", -1), ("j", -2), ("k", -1)):
        page.keyboard.press(key)
        page.wait_for_function(f"id => {CHART}.selected === id", arg=inside[place + step])
        expect(page.locator(".nt-title").first).to_have_text(title(int(inside[place + step][-3:])))
        settle(page)
    chosen = inside[place - 1]

    # Another range, in which it is not, and a filter that it does not meet: it stays the chosen one.
    before = shown_range(page)
    page.get_by_role("radio", name="1W", exact=True).click()
    wait_for_other_range(page, before)
    assert state(page)["selected"] == chosen
    page.locator(".nt-title").first.click()
    page.keyboard.press("/")
    search = page.get_by_label("Search titles, people, places, publishers")
    expect(search).to_be_focused()
    search.fill("nowhere")
    search.press("Enter")
    expect(page.get_by_text("No story fits the search and filters")).to_be_visible()
    settle(page)
    assert (state(page)["selected"], address(page)["story"]) == (chosen, [chosen])
    expect(page.locator(".nt-title").first).to_have_text(title(int(chosen[-3:])))


def test_compared_candles_panels_lanes_and_scale(visit) -> None:
    page = visit("/?from=2025-03-20&to=2025-04-10").page
    # A headline written to be read as HTML or Markdown is text in tooltip, table and panel.
    marker = next(mark for mark in stories(page) if mark["title"] == HOSTILE)
    page.mouse.click(marker["x"], marker["y"])
    expect(page.locator(".nt-title").first).to_have_text(HOSTILE)
    settle(page)

    body = opened(page, "^Chart")
    body.get_by_role("radio", name="Candles", exact=True).click()
    page.wait_for_function(f"() => {CHART}.model.panels[0].series[0].kind === 'candles'")
    body.get_by_role("radio", name="Log", exact=True).click()
    page.wait_for_function(f"() => {CHART}.state().panels[0].log")
    body.get_by_role("radio", name="Linear", exact=True).click()
    page.wait_for_function(f"() => !{CHART}.state().panels[0].log")
    for name in ("Source", "Asset"):
        body.get_by_role("radio", name=name, exact=True).click()
        page.wait_for_function(
            f"title => {CHART}.model.panels.some(p => p.title === title)", arg=f"News by {name.lower()}"
        )
    assert panel(page, "News by asset")["lanes"] == ["BTC", "ETH", "other"]
    for name in ("Volume", "Dominance"):
        body.get_by_role("button", name=name, exact=True).click()
        page.wait_for_function(
            f"name => {CHART}.model.panels.some(p => p.title.includes(name))",
            arg=name.lower() if name == "Dominance" else name,
        )
    titles = [one["title"].split(",")[0] for one in state(page)["panels"]]
    assert titles == ["BTC", "Volume", "Total cap", "BTC dominance", "News by asset"]
    settle(page)
    assert address(page)["panels"] == ["price,volume,caps,dominance,news,notes"]

    choose_option(page, "Compare with", "ETH")
    page.wait_for_function(f"() => {CHART}.model.panels[0].title.startsWith('100 = ')")
    settle(page)
    compared = panel(page, "100 = ")["series"]
    assert [(one["name"], one["values"][0]) for one in compared] == [("BTC", 100), ("ETH", 100)]
    # From the close of 20 March, 01:00 to that of 10 April, 24:00 are 527 hours at 0.0005 a hour.
    assert compared[1]["values"][-1] == pytest.approx(100 * 2.718281828 ** (0.0005 * 527), rel=1e-3)
    assert address(page)["compare"] == ["ETH"]
    page.keyboard.press("Escape")  # of the list of options
    shut(page)
    rows = read(downloaded(page, "Compared CSV"))
    for one in compared:
        assert [float(row["value"]) for row in rows if row["asset"] == one["name"]] == pytest.approx(one["values"])


CLOCK = "2025-03-28T14:05"


def newest(page: Page) -> float:
    """The latest instant at which any line, bar or column of the chart stands."""
    return page.evaluate(f"() => Math.max(...{CHART}.model.panels.flatMap(p => p.series.flatMap(s => [...s.t])))")


def test_a_clock_set_by_typing_shows_nothing_later_and_now_ends_it(visit, served) -> None:
    page = visit("/?from=2025-03-20&to=2025-04-10&panels=price,volume,caps,dominance,news,notes", height=1500).page
    everything = counted(page)
    opened(page, "^.*Now, UTC")
    type_into(page, "Known at (UTC)", "2025-03-28 14:05")
    expect(page.get_by_text("Known at 2025-03-28 14:05 UTC. Nothing later is shown.")).to_be_visible()
    settle(page)
    assert address(page)["known"] == [f"{CLOCK}Z"]

    # The three stories of the smaller lake were seen at 14:00, whatever hour they are dated to.
    known = known_by(instant(ms(CLOCK))) & set(between(instant(ms("2025-03-20")), instant(ms("2025-04-11"))))
    known |= {"harbour", "exchange", "later"}
    assert {*held(page)} == known
    assert counted(page)[1] == len(known) < everything[1]
    assert ms("2025-03-28T13:00") <= newest(page) <= ms(CLOCK)
    expect(page.get_by_text(f"{len(known)} stories in this range")).to_be_visible()
    csv = downloaded(page, "Stories CSV")
    assert {row["story_id"] for row in read(csv)} == known
    assert max(row["open_time"] for row in read(downloaded(page, "Prices CSV"))) == "2025-03-28T13:00:00Z"
    query = page.url.split("?", 1)[1]
    assert page.context.request.get(f"{served.url}/export/stories.csv?{query}").body() == csv

    # By bar: the closes before and after it. By story: when the next of the crowd became known.
    page.locator(".nt-title, .nt-alert").first.click()
    for key, told in (("n", "15:00"), ("b", "14:00"), ("b", "13:00"), ("n", "14:00")):
        page.keyboard.press(key)
        expect(page.get_by_text(f"Known at 2025-03-28 {told} UTC.")).to_be_visible()
        settle(page)
        assert newest(page) == ms(f"2025-03-28T{told}")
    after = min(out_at(n) for n in range(STORIES) if out_at(n) > instant(ms(CLOCK)))
    page.keyboard.press("Shift+N")
    expect(page.get_by_text(f"Known at {after + FIVE_MINUTES:%Y-%m-%d %H:%M} UTC.")).to_be_visible()
    settle(page)
    assert address(page)["story"] == between(after, after + FIVE_MINUTES)

    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.get_by_text("Nothing later is shown.")).to_be_hidden()
    settle(page)
    assert "known" not in address(page)
    assert counted(page) == everything


def test_after_now_a_click_on_the_chart_does_not_bring_the_clock_back(visit) -> None:
    page = visit(f"/?from=2025-03-20&to=2025-04-10&known={CLOCK}Z").page
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.get_by_text("Nothing later is shown.")).to_be_hidden()
    settle(page)
    marker = stories(page)[2]
    page.mouse.click(marker["x"], marker["y"])
    expect(page).to_have_url(re.compile(f"story={marker['id']}"))
    assert "known" not in address(page)


def test_after_back_a_click_on_the_chart_does_not_bring_back_what_was_undone(visit) -> None:
    page = visit("/?from=2025-03-20&to=2025-04-10").page
    opened(page, "^Chart").get_by_role("radio", name="Candles", exact=True).click()
    expect(page).to_have_url(re.compile("style=candles"))
    settle(page)
    shut(page)
    page.go_back()
    page.wait_for_function(f"() => {CHART}.model.panels[0].series[0].kind === 'line'")
    settle(page)
    marker = stories(page)[2]
    page.mouse.click(marker["x"], marker["y"])
    expect(page).to_have_url(re.compile(f"story={marker['id']}"))
    assert "style" not in address(page)


def test_a_story_of_later_is_not_told_and_the_clock_goes_along(visit) -> None:
    late = between(instant(ms("2025-03-29")), instant(ms("2025-03-30")))[0]
    page = visit(f"/?from=2025-03-20&to=2025-04-10&story={late}&known={CLOCK}Z&tz=Asia/Kolkata").page
    expect(page.get_by_text("was not known yet at that moment")).to_be_visible()
    assert page.get_by_text(title(int(late[-3:]))).count() == 0
    marker = next(mark for mark in stories(page) if mark["id"] == "harbour")
    page.mouse.click(marker["x"], marker["y"])
    page.get_by_role("link", name=re.compile("Open the story")).click()
    expect(page).to_have_url(re.compile(r"/story\?"))
    expect(page.get_by_text("Known at 2025-03-28 19:35 IST (Asia/Kolkata), 2025-03-28 14:05 UTC.")).to_be_visible()
    assert (address(page)["known"], address(page)["tz"]) == ([f"{CLOCK}Z"], ["Asia/Kolkata"])


@pytest.mark.parametrize(
    ("timezone", "days", "axis", "starts"),
    [
        # 8 March, 00:00 UTC is 7 March, 16:00 there; days begin an hour sooner after clocks went forward on the 9th.
        ("America/Los_Angeles", ("2025-03-07", "2025-03-12"), {"08:00", "07:00"}, "Fri 7 Mar 2025 16:00 PST"),
        ("Asia/Kolkata", ("2025-03-08", "2025-03-13"), {"18:30"}, "Sat 8 Mar 2025 05:30 IST"),
    ],
)
def test_times_are_utc_until_another_zone_is_chosen(visit, timezone, days, axis, starts) -> None:
    story = between(instant(ms("2025-03-11")), instant(ms("2025-03-12")))[0]
    at = out_at(int(story[-3:]))
    page = visit(f"/?from=2025-03-08&to=2025-03-12&story={story}", timezone=timezone).page
    settle(page)
    assert state(page)["range_text"][0] == "Sat 8 Mar 2025 00:00 UTC"
    expect(page.get_by_text(f"{at:%Y-%m-%d %H:%M} UTC").first).to_be_visible()
    assert axis_days(page) == {"00:00"}
    told = [row[:2] for row in rows_of(page)]
    assert all(at.endswith("+00:00") for at, _ in told)

    opened(page, "Now, UTC")
    choose_option(page, "Time zone", timezone)
    expect(page).to_have_url(re.compile(f"tz={timezone.replace('/', '(/|%2F)')}"))
    settle(page)
    shut(page)
    assert state(page)["range_text"][0] == starts
    assert axis_days(page) == axis
    for label, day in zip(("^From", "^To, included"), days, strict=True):
        assert day_in(page, label) == day
    expect(
        page.locator(".nt-facts").get_by_text(f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}").first
    ).to_be_visible()
    # The same instants and stories, by the clocks of the zone.
    now = [row[:2] for row in rows_of(page)]
    assert [(datetime.fromisoformat(at), name) for at, name in now] == [
        (datetime.fromisoformat(at), name) for at, name in told
    ]
    here = [out_at(int(name[5:8])).astimezone(ZoneInfo(timezone)) for _, name in now]
    assert [at for at, _ in now] == [at.isoformat(sep=" ") for at in here]

    before = shown_range(page)
    type_day(page, "^From", "2025-03-10")
    wait_for_other_range(page, before)
    begins = datetime(2025, 3, 10, tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    assert address(page)["from"] == [f"{begins:%Y-%m-%dT%H:%MZ}"]


def axis_days(page: Page) -> set[str]:
    """The hours of UTC at which the axis has days begin."""
    return {f"{instant(tick['at']):%H:%M}" for tick in page.evaluate(f"() => {CHART}.ticks()") if tick["strong"]}


def test_the_navigation_takes_clock_and_zone_along(visit) -> None:
    page = visit("/?known=2025-03-28T14:05Z&tz=Asia/Kolkata").page
    page.get_by_role("link", name="Claims", exact=True).click()
    expect(page).to_have_url(re.compile(r"/claims\?.*known=2025-03-28T14(:|%3A)05Z"))
    expect(page.get_by_text("2025-03-28 14:05 UTC. Nothing later is shown.").first).to_be_visible()
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page).not_to_have_url(re.compile("known="))
    page.get_by_role("link", name="Market", exact=True).click()
    expect(page).to_have_url(re.compile(r"/market\?.*tz=Asia"))
    expect(page).not_to_have_url(re.compile("known="))

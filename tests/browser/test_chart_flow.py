"""The timeline's chart in a real browser, on a page that holds it alone (``chart_page.py``)."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from chart_alone import CHART, bars, ids, mark, shows, state, told
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
HOUR, DAY = 3_600_000, 86_400_000
WEEK = [datetime(2025, 3, day, tzinfo=UTC).timestamp() * 1000 for day in (24, 31)]


def test_one_chart_stays_alive_while_the_server_changes_its_range(open_chart) -> None:
    page = open_chart()
    assert bars(page) == 40 * 24 - 36  # hours of 1 March to 10 April, without the gap
    page.evaluate(f"() => {{ {CHART}.stillTheSame = true }}")

    page.get_by_role("button", name="One week").click()

    shows(page, *WEEK)
    page.wait_for_function(
        f"() => {CHART}.model.panels[0].series[0].t.length === 7 * 24"
    )  # five-minute bars would be 2,016
    assert page.evaluate(f"() => {CHART}.stillTheSame")
    assert page.locator("[data-testid=stBidiComponentIsolated] canvas").count() == 2
    assert told(page) == []  # what the server asked for is not told back to it


@pytest.mark.parametrize("width", [1280, 390])
def test_its_place_is_kept_before_it_is_drawn(open_chart, width) -> None:
    page = open_chart(width=width)
    stage, kept = (
        page.locator(name).first.bounding_box()["height"]
        for name in (".stage", "[data-testid=stBidiComponentIsolated]")
    )
    assert stage == kept


def test_the_wheel_zooms_about_the_pointer_and_the_server_refines_once(open_chart) -> None:
    page = open_chart()
    before = state(page)
    left, right = before["plot"]
    x, y = left + (right - left) * 0.25, before["panels"][0]["top"] + 80
    page.mouse.move(x, y)
    for _ in range(6):
        page.mouse.wheel(0, -120)

    # e^(-120/300) each: six times leave 9 %, so bars of five minutes fit, and what was under the pointer stays there.
    start, end = before["range"]
    about = start + (end - start) * 0.25
    page.wait_for_function(f"() => {CHART}.model.panels[0].series[0].step === 300000")
    now = state(page)["range"]
    assert (now[1] - now[0]) / (end - start) == pytest.approx(2.718281828 ** (-2.4), rel=1e-3)
    assert now[0] + (now[1] - now[0]) * 0.25 == pytest.approx(about, abs=HOUR)
    assert told(page) == ["range"]


def test_dragging_pans_and_a_click_is_not_a_drag(open_chart) -> None:
    page = open_chart()
    left, right = state(page)["plot"]
    y = state(page)["panels"][0]["top"] + 60
    page.mouse.move(left + 600, y)
    page.mouse.down()
    page.mouse.move(left + 500, y, steps=5)
    page.mouse.up()

    length = 40 * DAY
    by = 100 / (right - left) * length
    expect(page.get_by_text(re.compile(r"^told range$"))).to_be_visible()
    start, end = state(page)["range"]
    assert end - start == pytest.approx(length)
    assert start == pytest.approx(datetime(2025, 3, 1, tzinfo=UTC).timestamp() * 1000 + by, rel=1e-9)

    page.mouse.click(left + 500, y)
    page.wait_for_timeout(600)
    assert told(page) == ["range"]
    assert state(page)["range"] == [start, end]


def test_shift_and_drag_shows_what_was_framed(open_chart) -> None:
    page = open_chart()
    left, right = state(page)["plot"]
    y = state(page)["panels"][0]["top"] + 60
    page.keyboard.down("Shift")
    page.mouse.move(left + (right - left) / 4, y)
    page.mouse.down()
    page.mouse.move(left + (right - left) / 2, y, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.get_by_text("range 2025-03-11 00:00 to 2025-03-21 00:00")).to_be_visible()


def test_an_answer_to_an_older_move_does_not_take_the_view_back(open_chart) -> None:
    page = open_chart()
    page.evaluate(
        f"""() => {{
          const chart = {CHART};
          const update = chart.update;
          chart.update = (bytes) => {{ window.answer = bytes.slice(); update.call(chart, bytes); }};
        }}"""
    )
    page.get_by_role("button", name="One week").click()
    shows(page, *WEEK)

    # The hand moves on while that answer is still under way, and it arrives now.
    moved, after = page.evaluate(
        f"""() => {{
          const chart = {CHART};
          chart.zoom(0.5);
          const moved = [chart.from, chart.to];
          chart.update(window.answer);
          return [moved, [chart.from, chart.to]];
        }}"""
    )

    assert after == moved == [WEEK[0] + 1.75 * DAY, WEEK[1] - 1.75 * DAY]
    shows(page, *moved)  # and the server's answer to the newest move is taken


def test_a_slow_answer_leaves_the_view_where_the_hand_put_it(open_chart) -> None:
    page = open_chart("?slow=1")
    page.evaluate(f"() => {CHART}.zoom(0.5)")
    page.wait_for_timeout(400)  # asked, not answered
    page.evaluate(f"() => {CHART}.zoom(0.5)")
    wanted = state(page)["range"]
    expect(page.locator(".busy.on")).to_be_attached()
    shows(page, *wanted)
    expect(page.locator(".busy.on")).not_to_be_attached()
    assert told(page) == ["range", "range"]


def test_the_view_stops_at_what_is_stored_and_at_ten_minutes(open_chart) -> None:
    page = open_chart()
    page.evaluate(f"() => {CHART}.zoom(50)")
    shows(page, *(datetime(2025, month, 1, tzinfo=UTC).timestamp() * 1000 for month in (1, 5)))
    page.evaluate(f"() => {CHART}.zoom(1e-9)")
    page.wait_for_function(f"() => {CHART}.model.panels[0].series[0].step === 60000")
    start, end = state(page)["range"]
    assert end - start == pytest.approx(10 * 60_000)


def test_a_click_on_a_mark_chooses_it_and_the_page_can_choose_another(open_chart) -> None:
    page = open_chart()
    place = mark(page, "A president")
    page.mouse.move(place["x"], place["y"])
    page.mouse.down()
    page.mouse.move(place["x"] + 3, place["y"] + 1)  # no hand is quite still
    page.mouse.up()
    expect(page.get_by_text("item regulation-03281405")).to_be_visible()
    expect(page.get_by_text("returned regulation-03281405")).to_be_visible()
    assert state(page)["selected"] == "regulation-03281405"

    page.get_by_role("button", name="Choose the note").click()
    page.wait_for_function(f"() => {CHART}.selected === 'notes-04022000'")
    assert told(page) == ["selected"]


def test_a_mark_stands_at_its_exact_time_between_bars(open_chart) -> None:
    page = open_chart()
    left, right = state(page)["plot"]
    start, end = state(page)["range"]
    at = datetime(2025, 3, 28, 14, 5, 30, tzinfo=UTC).timestamp() * 1000
    assert mark(page, "A president")["x"] == pytest.approx(
        left + (at - start) / (end - start) * (right - left), abs=0.01
    )
    assert mark(page, "A fund files")["kind"] == "square"  # drawn in the middle of what is known
    middle = datetime(2025, 3, 19, tzinfo=UTC).timestamp() * 1000
    assert mark(page, "A fund files")["x"] == pytest.approx(
        left + (middle - start) / (end - start) * (right - left), abs=0.01
    )


def test_a_bin_opens_by_showing_its_own_span(open_chart) -> None:
    page = open_chart()
    place = mark(page, "17 stories")
    page.mouse.click(place["x"], place["y"])
    # 25 March 08:00 to 29 March 16:00 is 104 h; 15 % of room on both sides is 15 h 36 min.
    expect(page.get_by_text("range 2025-03-24 16:24 to 2025-03-30 07:36")).to_be_visible()
    assert told(page) == ["range"]


def test_it_works_by_keyboard_alone_and_says_what_it_does(open_chart) -> None:
    page = open_chart()
    stage = page.locator(".stage")
    assert stage.get_attribute("aria-label") == "Price, caps and news."
    stage.focus()
    page.keyboard.press("n")
    assert "A regulator writes to exchanges" in state(page)["said"]
    page.keyboard.press("n")
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    expect(page.get_by_text("item regulation-03051405")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert state(page)["said"].startswith("Sat 1 Mar 2025 01:00 UTC: $")
    page.keyboard.press("+")
    expect(page.get_by_text("range 2025-03-11 00:00 to 2025-03-31 00:00")).to_be_visible()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("range 2025-03-16 00:00 to 2025-04-05 00:00")).to_be_visible()


@pytest.mark.parametrize("style", ["candles", "line"])
@pytest.mark.parametrize("browser_zone", ["America/St_Johns", "Asia/Kolkata"])
def test_the_browsers_own_zone_changes_nothing(open_chart, browser_zone, style) -> None:
    page = open_chart(f"?style={style}", timezone=browser_zone)
    here = state(page)
    assert here["range_text"] == ["Sat 1 Mar 2025 00:00 UTC", "Thu 10 Apr 2025 00:00 UTC"]
    assert here["panels"][0]["series"][0]["kind"] == ("candles" if style == "candles" else "line")


def test_a_chosen_zone_is_printed_and_follows_its_clock_changes(open_chart) -> None:
    page = open_chart("?zone=America/New_York", timezone="Asia/Kolkata")
    # New York put its clocks forward on 9 March 2025: five hours behind UTC before, four after.
    assert state(page)["range_text"] == ["Fri 28 Feb 2025 19:00 New_York", "Wed 9 Apr 2025 20:00 New_York"]
    ticks = page.evaluate(f"() => {CHART}.ticks()")
    labels = {tick["label"]: tick["at"] for tick in ticks}
    assert labels["3 Mar"] == datetime(2025, 3, 3, 5, tzinfo=UTC).timestamp() * 1000
    assert labels["17 Mar"] == datetime(2025, 3, 17, 4, tzinfo=UTC).timestamp() * 1000


def test_hostile_headlines_are_text(open_chart) -> None:
    page = open_chart("?marks=hostile")
    place = mark(page, "<img src=x")
    page.mouse.move(place["x"], place["y"])
    tip = page.locator(".tip")
    expect(tip).to_contain_text("<img src=x onerror=alert(1)><b>bold</b>")
    assert tip.locator("img, b").count() == 0


def test_five_hundred_marks_and_none(open_chart) -> None:
    assert len(ids(open_chart("?marks=many"))) == 500
    empty = state(open_chart("?marks=none"))
    assert empty["marks"] == []
    assert empty["panels"][-1]["empty"] == "No story fits"


def test_the_browser_makes_the_picture_once_it_is_asked(open_chart) -> None:
    page = open_chart()
    page.get_by_role("button", name="Picture", exact=True).click()
    expect(page.get_by_text(re.compile(r"picture [1-9]\d{4,} bytes"))).to_be_visible()
    page.get_by_role("button", name="Rerun").click()
    with page.expect_download() as download:
        page.get_by_label("Save the chart as a picture").click()
    image = Image.open(BytesIO(download.value.path().read_bytes()))
    width = page.evaluate(f"() => {CHART}.frame.layout.width")
    assert image.width == width * 2
    assert len(image.convert("RGB").getcolors(1 << 24)) > 50  # not an empty sheet


def test_the_file_of_its_own_draws_without_a_server(open_chart, browser, tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    import chart_page

    from dashboard.chart.payload import encode
    from dashboard.chart.script import standalone

    written = tmp_path / "chart.html"
    written.write_text(
        standalone(encode(chart_page.shown(chart_page.START, chart_page.END, {})), "March <2025>"), "utf-8"
    )
    page = browser.new_context(viewport={"width": 1000, "height": 1000}, offline=True).new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(written.as_uri())
    page.wait_for_function("() => document.querySelector('.chart')?.newstape?.frame")
    before = page.evaluate("() => document.querySelector('.chart').newstape.state()")
    assert before["panels"][0]["title"] == "BTC, USD"
    page.mouse.move(500, before["panels"][0]["top"] + 60)
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        "length => { const c = document.querySelector('.chart').newstape; return c.to - c.from < length }", arg=20 * DAY
    )
    assert wrong == []
    page.context.close()


def test_a_finger_drags_and_the_page_still_scrolls(open_chart) -> None:
    page = open_chart(width=390)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".stage").evaluate("stage => getComputedStyle(stage).touchAction") == "pan-y"
    place = mark(page, "A president")
    page.touchscreen.tap(place["x"], place["y"])
    expect(page.get_by_text("item regulation-03281405")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pictures_of_both_themes_and_widths(open_chart, scheme, width, tmp_path) -> None:
    page = open_chart(width=width, scheme=scheme)
    page.wait_for_timeout(500)
    target = Path(os.environ.get("NEWSTAPE_SCREENSHOTS", tmp_path)) / f"chart-{width}-{scheme}.png"
    page.locator(".stage").screenshot(path=target)
    corner = Image.open(target).convert("L").getpixel((3, 3))
    assert corner > 200 if scheme == "light" else corner < 60

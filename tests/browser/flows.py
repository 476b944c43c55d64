"""What the tests of flows share: a served lake of their own, and the hands of an analyst."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from charts import CHART, settle
from playwright.sync_api import Locator, Page, expect
from serve_app import Served, serving

from data.lake import Lake


@contextmanager
def serving_copy(home: Path, folder: Path, fill: Callable[[Path], Lake] | None = None) -> Iterator[Served]:
    """The app over a copy of a lake, which ``fill`` may add to first."""
    copy = Path(shutil.copytree(home, folder / "lake"))
    if fill is not None:
        fill(copy)
    with serving(copy) as running:
        yield running


def ms(text: str) -> int:
    """An instant of UTC as the chart has it."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def instant(at_ms: float) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def address(page: Page) -> dict[str, list[str]]:
    """What the page's address says."""
    return parse_qs(urlsplit(page.url).query)


def shown_range(page: Page) -> list[float]:
    """The range that the server answered with last."""
    return page.evaluate(f"() => {CHART}.model.range")


def wait_for_other_range(page: Page, before: list[float]) -> list[float]:
    """Until the server has answered with another range than ``before``, and the page is done with it."""
    page.wait_for_function(
        f"was => {{ const c = {CHART}; const [a, b] = c.model.range;"
        "return (a !== was[0] || b !== was[1]) && c.from === a && c.to === b }",
        arg=before,
    )
    settle(page)
    return shown_range(page)


def type_into(page: Page, label: str | re.Pattern[str], text: str) -> None:
    """Write into a field and press Enter."""
    field = page.get_by_label(label, exact=isinstance(label, str)).first
    field.fill(text)
    field.press("Enter")


def type_day(page: Page, label: str, day: str) -> None:
    """Type a day into a field that has year, month and day of its own."""
    parts = page.get_by_role("group", name=re.compile(label)).first.get_by_role("spinbutton")
    parts.first.click()
    page.keyboard.type(day.replace("-", ""))
    page.mouse.click(4, 300)  # the day holds once the field is left


def day_in(page: Page, label: str) -> str:
    parts = page.get_by_role("group", name=re.compile(label)).first.get_by_role("spinbutton").all()
    return "-".join(f"{int(part.get_attribute('aria-valuenow')):02}" for part in parts)


def choose_option(page: Page, label: str, option: str) -> None:
    """Choose in a box that lists options as one types."""
    box = page.get_by_role("combobox", name=re.compile(re.escape(label)))
    box.click()
    box.fill(option)
    page.get_by_role("option").filter(has_text=option).first.click()


def opened(page: Page, button: str) -> Locator:
    """Open a popover of that name; what is in it stands in what is returned."""
    body = page.get_by_test_id("stPopoverBody")
    if not body.is_visible():
        page.get_by_role("button", name=re.compile(button)).first.click()
    expect(body).to_be_visible()
    return body


def shut(page: Page) -> None:
    """Close the popover that is open."""
    if page.get_by_test_id("stPopoverBody").count():
        page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_be_hidden()


def rows_of(page: Page) -> list[list[str]]:
    """The cells of the first table that are in view, as screen readers have them."""
    settle(page)
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    grid.locator("table tbody tr td").first.wait_for(state="attached")
    return grid.evaluate(
        "grid => [...grid.querySelectorAll('table tbody tr')].map("
        "row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
    )


def tick(page: Page, row: int) -> None:
    """Tick a row of the first table: it is drawn on a canvas, 35 px a row below a header of as much."""
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    settle(page)
    page.wait_for_timeout(500)  # the canvas has no event for its first painting
    box = grid.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + 14, box["y"] + 52 + 35 * row)


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        link = page.get_by_role("link", name=name, exact=True)
        page.get_by_role("button", name=name, exact=True).or_(link).click()
    return download.value.path().read_bytes()


def read(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode())))


def drag(page: Page, start: tuple[float, float], dx: float) -> None:
    x, y = start
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(x + dx * step / 5, y)
    page.mouse.up()

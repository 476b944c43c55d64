"""A story pasted into the served app, corrected, saved, and found on the timeline."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from charts import CHART, wait_for_chart
from PIL import Image
from playwright.sync_api import Page, expect
from serve_app import Served, serving

pytestmark = pytest.mark.browser

TEXT = """Bitcoin rests as traders wait

Published: March 28, 2025

El Salvador's president Nayib Bukele met bankers on Friday. The total crypto market cap stood at $2.68 trillion.

Volumes shrank by 12% to $40 billion, and nobody could say why the week had been so quiet for everyone.
"""


@pytest.fixture(scope="module")
def served(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A dashboard over a lake of its own: what is added here stands in no other test's way."""
    home = shutil.copytree(sample_home, tmp_path_factory.mktemp("add") / "lake")
    with serving(home) as running:
        yield running


def _pasted(page: Page) -> None:
    page.get_by_label("Text of the story").fill(TEXT)
    page.get_by_role("button", name="Read the text").click()
    expect(page.get_by_role("button", name="Save the story")).to_be_visible(timeout=60_000)


def test_paste_correct_save_and_find_it_on_the_timeline(visit) -> None:
    page = visit("/add", chart=False).page
    _pasted(page)
    expect(page.get_by_label("Published", exact=True)).to_have_value("2025-03-28")
    title = page.get_by_label("Title", exact=True)
    title.fill("A <b>quiet</b> week for Bitcoin")
    title.press("Enter")
    page.get_by_label("Your name").fill("ann")
    page.get_by_role("button", name="Save the story").click()

    expect(page.get_by_text("The story is stored, with 1 correction.")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="On the timeline").click()

    wait_for_chart(page)
    expect(page).to_have_url(re.compile(r"\?story=\w+&from=2025-03-13"))
    expect(page.locator(".nt-title").first).to_contain_text("A <b>quiet</b> week for Bitcoin")
    # As a mark of its own or within a pill.
    sent = f"{CHART}.model.panels.flatMap(panel => panel.marks?.title ?? [])"
    page.wait_for_function(f"() => {sent}.some(title => title.includes('quiet'))")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_form_fits_the_window_in_both_themes(visit, tmp_path: Path, scheme: str, width: int) -> None:
    page = visit("/add", width=width, height=1400, scheme=scheme, chart=False).page
    _pasted(page)
    page.wait_for_timeout(500)  # fonts have no event to wait for
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    folder = Path(os.environ.get("NEWSTAPE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"add-{scheme}.png"
    page.screenshot(path=target if width == 1280 else tmp_path / "phone.png")
    if width == 1280:
        background = Image.open(target).convert("L").getpixel((5, 900))
        assert background > 200 if scheme == "light" else background < 60

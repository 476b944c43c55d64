"""Pictures of both pages in both themes; with NEWSTAPE_SCREENSHOTS they are written there, for docs/."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "path"), [("timeline", "/?from=2025-03-10&to=2025-04-20&log=false&story={example}"), ("health", "/health")]
)
def test_screenshot(visit, served, tmp_path: Path, name: str, path: str, scheme: str) -> None:
    page = visit(path.format(example=_example(served.home)), scheme=scheme, chart=name == "timeline", height=1150).page
    page.wait_for_selector("[data-testid=stDataFrame] canvas")
    page.wait_for_timeout(1500)  # fonts and canvases have no event to wait for
    folder = Path(os.environ.get("NEWSTAPE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}-{scheme}.png"
    page.screenshot(path=target)

    background = Image.open(target).convert("L").getpixel((5, 600))
    assert background > 200 if scheme == "light" else background < 60
    assert page.get_by_text("Traceback").count() == 0


def _example(home: Path) -> str:
    from data import queries
    from data.lake import Lake

    stories = queries.stories(Lake(str(home)).pin())
    return stories.loc[stories["title"].str.contains("receive El Salvador's Bukele"), "story_id"].iloc[0]


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(visit, width: int) -> None:
    page = visit("/", width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width

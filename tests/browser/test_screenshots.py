"""Pictures of the pages over the sample in both themes (Story and Claims: test_story_flows.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import picture

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "path", "height", "wait_for"),
    [
        ("timeline", "/?from=2025-03-10&to=2025-04-20&story={example}", 1420, "[data-testid=stDataFrame] canvas"),
        ("market", "/market", 1150, ".nt-tiles"),
        ("health", "/health", 1150, "[data-testid=stDataFrame] canvas"),
    ],
)
def test_screenshot(
    visit, served, tmp_path: Path, name: str, path: str, height: int, wait_for: str, scheme: str
) -> None:
    address = path.format(example=_example(served.home))
    page = visit(address, scheme=scheme, chart=name != "health", height=height).page
    picture(page, name, scheme, tmp_path, wait_for=wait_for)


def _example(home: Path) -> str:
    from data import queries
    from data.lake import Lake

    stories = queries.stories(Lake(str(home)).pin())
    return stories.loc[stories["title"].str.contains("receive El Salvador's Bukele"), "story_id"].iloc[0]


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(visit, width: int) -> None:
    page = visit("/", width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width

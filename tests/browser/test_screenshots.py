"""Pictures of the pages over the sample in both themes (Story and Claims: test_story_flows.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import picture

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "path"), [("timeline", "/?from=2025-03-10&to=2025-04-20&log=false&story={example}"), ("health", "/health")]
)
def test_screenshot(visit, served, tmp_path: Path, name: str, path: str, scheme: str) -> None:
    page = visit(path.format(example=_example(served.home)), scheme=scheme, chart=name == "timeline", height=1150).page
    picture(page, name, scheme, tmp_path)


def _example(home: Path) -> str:
    from data import queries
    from data.lake import Lake

    stories = queries.stories(Lake(str(home)).pin())
    return stories.loc[stories["title"].str.contains("receive El Salvador's Bukele"), "story_id"].iloc[0]


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(visit, width: int) -> None:
    page = visit("/", width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width

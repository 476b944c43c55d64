"""A page's title and the name of its site behind it."""

from __future__ import annotations

import pytest
from lxml import html

from analysis.page_metadata import title

HEAD = "Exchange halts withdrawals"


@pytest.mark.parametrize("between", [" | ", " - ", " — ", " – "])
@pytest.mark.parametrize("site", ["Alpha News", "ALPHA NEWS"])
def test_the_sites_own_name_behind_a_title_is_dropped(between: str, site: str) -> None:
    page = html.document_fromstring(f"<title>{HEAD}{between}{site}</title>")
    assert title(page, {"og:site_name": "Alpha News"}, {}) == HEAD
    assert title(page, {}, {"publisher": {"name": "Alpha News"}}) == HEAD


@pytest.mark.parametrize(
    "stated",
    [
        f"{HEAD} | Opinion",  # says something else
        f"{HEAD} in Alpha News",  # part of the sentence
        "Why I left-Alpha News",  # no space before it
        "Alpha News",
        " | Alpha News",
        "Alpha News | Exchange halts withdrawals",
    ],
)
def test_nothing_else_behind_a_title_is_dropped(stated: str) -> None:
    page = html.document_fromstring("<p>Text</p>")
    assert title(page, {"og:title": stated, "og:site_name": "Alpha News"}, {}) == stated
    assert title(page, {"og:title": f"{HEAD} | Alpha News"}, {}) == f"{HEAD} | Alpha News"  # no site is named


def test_a_site_whose_name_holds_a_bar_is_dropped_whole() -> None:
    page = html.document_fromstring("<p>Text</p>")
    meta = {"og:title": f"{HEAD} | Alpha - News", "og:site_name": "Alpha - News"}
    assert title(page, meta, {}) == HEAD

"""The pages as Streamlit runs them, over a lake of the sample: widgets, text, tables, the address."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pages_run import html
from streamlit.testing.v1 import AppTest

from data import queries
from data.home import ENV
from data.lake import Lake

APP = Path(__file__).parents[2] / "streamlit_app.py"


def story_table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def story_id(home: Path, title: str) -> str:
    stories = queries.stories(Lake(str(home)).pin())
    found = stories[stories["title"].str.contains(title, case=False, regex=False)]
    assert len(found) == 1, found["title"].tolist()
    return found["story_id"].iloc[0]


def test_the_home_page_opens_on_everything_stored_with_the_example_chosen(open_page, sample_home) -> None:
    app = open_page()
    stored = queries.stories(Lake(str(sample_home)).pin())
    first_price = queries.coverage(Lake(str(sample_home)).pin())["first_open"].min()
    assert len(story_table(app)) == (stored["shown_at"] >= first_price.floor("D")).sum()
    assert "Example story" in html(app)
    assert "$84,424.38" in html(app)


def test_the_panel_shows_each_total_with_its_definition(open_page, sample_home) -> None:
    app = open_page(story=story_id(sample_home, "receive El Salvador's Bukele"))
    text = html(app)
    # 2025-03-29 00:00 UTC: CoinGecko 2,841.8 bn, TradingView's TOTAL 2,701.6 bn.
    assert "coingecko, all-coins" in text
    assert "$2.842 T" in text
    assert "tradingview, top-125" in text
    assert "$2.702 T" in text
    assert "because of" in text  # … which it says they never are


def test_the_range_cuts_the_table(open_page) -> None:
    table = story_table(open_page(**{"from": "2025-03-01", "to": "2025-03-31"}))
    assert len(table) > 0
    assert table["shown_at"].between("2025-03-01", "2025-03-31 23:59:59+00:00").all()


def test_the_last_day_of_the_range_counts(open_page) -> None:
    table = story_table(open_page(**{"from": "2025-03-28", "to": "2025-03-28"}))
    assert any("El Salvador" in title for title in table["title"])


def test_a_reversed_range_is_turned_round_and_said(open_page) -> None:
    app = open_page(**{"from": "2025-03-31", "to": "2025-03-01"})
    assert "other way round" in app.warning[0].value
    assert len(story_table(app)) > 0


@pytest.mark.parametrize(("preset", "days"), [("1D", 1), ("1W", 7), ("1Y", 365)])
def test_a_preset_ends_at_the_newest_price_and_counts_both_its_days(open_page, preset: str, days: int) -> None:
    app = open_page()
    app.segmented_control(key="preset").select(preset).run()
    assert not app.exception
    begin, end = app.date_input(key="from").value, app.date_input(key="to").value
    assert end == date(2026, 6, 20)  # the sample's last Bitcoin hour
    assert (end - begin).days + 1 == days


def test_all_shows_every_story(open_page, sample_home) -> None:
    app = open_page()
    app.segmented_control(key="preset").select("All").run()
    assert len(story_table(app)) == len(queries.stories(Lake(str(sample_home)).pin()))


def test_search_looks_at_titles_people_and_places(open_page) -> None:
    app = open_page(q="Bukele")
    assert len(story_table(app)) >= 4
    assert len(story_table(app)) < len(story_table(open_page()))


def test_a_search_that_finds_nothing_says_what_to_do(open_page) -> None:
    app = open_page(q="zzzz no such thing")
    assert any("Widen the range" in note.value for note in app.info)


def test_topic_filter(open_page, sample_home) -> None:
    table = story_table(open_page(topic="hack"))
    assert len(table) >= 5
    assert table["topics"].str.contains("hack").all()


def test_an_unknown_story_in_the_address_is_said(open_page) -> None:
    assert any("not in this lake" in note.value for note in open_page(story="nonsense").warning)


def test_the_other_asset_is_paired_with_its_own_price(open_page, sample_home) -> None:
    app = open_page(asset="ETH", story=story_id(sample_home, "receive El Salvador's Bukele"))
    assert "ETH price" in html(app)
    assert "$84,424.38" not in html(app)


def test_without_a_lake_every_page_says_how_to_build_one(open_page, tmp_path) -> None:
    for view in ("timeline", "health"):
        assert "newstape init" in html(open_page(view, home=tmp_path / "nothing"))


def test_an_empty_lake_shows_empty_states(open_page, tmp_path) -> None:
    Lake(str(tmp_path / "empty")).create()
    app = open_page(home=tmp_path / "empty")
    assert "no BTC price is stored" in html(app)
    assert any("No prices are stored" in note.value for note in open_page("health", home=tmp_path / "empty").info)


def test_headlines_never_become_markup(open_page, sample_home, tmp_path) -> None:
    home = shutil.copytree(sample_home, tmp_path / "lake")
    hostile = "<img src=https://evil.example/x.png> **bold** $x^2$ [link](https://evil.example) =1+1"
    path = tmp_path / "story.txt"
    path.write_text("Body of the story, long enough to be one. " * 5, encoding="utf-8")
    from datetime import UTC, datetime

    from data.imports import import_article

    taken = import_article(
        Lake(str(home)),
        path,
        datetime(2026, 12, 2, tzinfo=UTC),
        title=hostile,
        publisher="<b>P</b>",
        published_at=datetime(2025, 3, 28, 12, tzinfo=UTC),
        published_precision="minute",
    )
    app = open_page(home=home, story=f"s{taken.articles[0]}")
    text = html(app)
    assert "<img" not in text
    assert "<b>P" not in text
    assert "&lt;img src=https://evil.example/x.png&gt; **bold**" in text
    assert not any("evil.example" in element.value for element in app.markdown)


def test_the_app_itself_starts(monkeypatch, sample_home) -> None:
    monkeypatch.setenv(ENV, str(sample_home))
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception

"""The pages as Streamlit runs them, over a lake of the sample: widgets, text, tables, the address."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pages_run import html
from streamlit.testing.v1 import AppTest

from data import desk, queries
from data.home import ENV
from data.lake import Lake
from data.view import clock

APP = Path(__file__).parents[2] / "streamlit_app.py"


def story_table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def told(app: AppTest, what: str) -> int:
    """How many stories the line over the table counts: "1,412 stories in this range"."""
    return int(re.search(rf"([\d,]+) stor(?:y|ies) {what}", html(app)).group(1).replace(",", ""))


def story_id(home: Path, title: str) -> str:
    stories = queries.stories(Lake(str(home)).pin())
    found = stories[stories["title"].str.contains(title, case=False, regex=False)]
    assert len(found) == 1, found["title"].tolist()
    return found["story_id"].iloc[0]


def test_the_home_page_opens_on_everything_stored_with_the_example_chosen(open_page, sample_home) -> None:
    app = open_page()
    stored = queries.stories(Lake(str(sample_home)).pin())
    first_price = queries.coverage(Lake(str(sample_home)).pin())["first_open"].min()
    assert told(app, "in this range") == (stored["shown_at"] >= first_price.floor("D")).sum()
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
    assert "turned round" in app.warning[0].value
    assert len(story_table(app)) > 0


@pytest.mark.parametrize(("preset", "days"), [("1D", 1), ("1W", 7), ("1Y", 365)])
def test_a_preset_is_that_long_and_ends_with_the_newest_price(open_page, preset: str, days: int) -> None:
    app = open_page()
    app.segmented_control(key="preset").select(preset).run()
    assert not app.exception
    start, end = (clock(app.query_params[name]) for name in ("from", "to"))
    assert end == pd.Timestamp("2026-06-20 10:00", tz="UTC")  # the sample's last Bitcoin hour, of 09:00, closed then
    assert (end - start).days == days


def test_all_shows_every_story(open_page, sample_home) -> None:
    app = open_page()
    app.segmented_control(key="preset").select("All").run()
    stored = len(queries.stories(Lake(str(sample_home)).pin()))
    assert told(app, "in this range") == stored
    assert len(story_table(app)) == 100  # a page of them; the line says which
    assert "1 to 100 listed, newest first" in html(app)
    app.button(key="turn_Older").click().run()
    assert len(story_table(app)) == min(stored - 100, 100)
    assert "101 to" in html(app)


def test_a_day_in_the_zone_chosen_is_that_zones_day(open_page) -> None:
    app = open_page(tz="Asia/Kolkata", **{"from": "2025-03-01", "to": "2025-03-31"})
    app.date_input(key="from").set_value(date(2025, 3, 10)).run()
    # Midnight of 10 March in India is 18:30 UTC of the 9th.
    assert app.query_params["from"] == "2025-03-09T18:30Z"
    assert app.date_input(key="from").value == date(2025, 3, 10)


def test_a_control_shows_what_the_address_says_and_writes_to_it(open_page) -> None:
    app = open_page(style="candles", topic="hack", q="bridge", compare="ETH")
    assert app.text_input(key="search").value == "bridge"
    assert app.multiselect(key="topics").value == ["hack"]
    app.text_input(key="search").set_value("exchange").run()
    assert app.query_params["q"] == "exchange"
    assert app.query_params["style"] == "candles"
    assert app.query_params["compare"] == "ETH"


def test_a_note_is_listed_where_no_story_is(open_page, sample_home, tmp_path) -> None:
    home = shutil.copytree(sample_home, tmp_path / "lake")
    at = pd.Timestamp("2010-02-03 12:00", tz="UTC")
    desk.add_note(Lake(str(home)), "A quiet week", at=at, author="Ann", now=pd.Timestamp("2026-12-02", tz="UTC"))
    app = open_page(home=home, q="zzzz no such thing", **{"from": "2010-02-01", "to": "2010-02-07"})
    assert "A quiet week" in html(app)
    assert len(app.info) == 1


def test_the_tables_times_are_called_by_every_name_they_have_in_the_range(open_page) -> None:
    # New York went to summer time on 9 March 2025.
    app = open_page(tz="America/New_York", **{"from": "2025-03-01", "to": "2025-03-31"})
    assert "Time (EST/EDT)" in app.dataframe[0].proto.columns


def test_what_the_address_cannot_mean_is_said_and_the_rest_holds(open_page) -> None:
    app = open_page(style="<b>bars</b>", topic="hack")
    assert "style" in app.warning[0].value
    assert "<b>" not in app.warning[0].value
    assert story_table(app)["topics"].str.contains("hack").all()


def test_nothing_is_shown_that_was_not_known_at_the_clock(open_page, sample_home) -> None:
    app = open_page(known="2022-01-01")
    known = queries.stories(Lake(str(sample_home)).pin(), known_at=pd.Timestamp("2022-01-01", tz="UTC"))
    first_price = queries.coverage(Lake(str(sample_home)).pin())["first_open"].min()
    assert told(app, "in this range") == (known["shown_at"] >= first_price.floor("D")).sum()
    assert "Known at 2022-01-01 00:00 UTC" in html(app)
    assert (story_table(app)["shown_at"] <= pd.Timestamp("2022-01-01", tz="UTC")).all()


def test_search_looks_at_titles_people_and_places(open_page) -> None:
    found = told(open_page(q="Bukele"), "in this range")
    assert 4 <= found < told(open_page(), "in this range")


def test_a_search_that_finds_nothing_says_what_to_do(open_page) -> None:
    (note,) = open_page(q="zzzz no such thing").info
    assert re.search(r"without them \d+ stories: drop one, or widen the range", note.value)


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

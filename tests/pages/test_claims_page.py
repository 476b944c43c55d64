"""The Claims page as Streamlit runs it, over a lake of a few claims written row by row (tests/story_lakes.py)."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pages_run import html
from story_lakes import offset_of, story_lake
from streamlit.testing.v1 import AppTest

QUOTES = {
    "cap": "The total crypto market cap stood at $2.68 trillion",
    "price": "bitcoin traded at $80,500",
    "dominance": "its dominance was 61.5%",
    "old price": "Bitcoin traded at $80,300",
    "other dominance": "Its dominance stood at 58.0%",
}
OPENS_WITH = {"price", "other dominance"}


@pytest.fixture(scope="module")
def home(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("claims") / "lake"))
    story_lake(home)
    return home


def listed(app: AppTest) -> set[str]:
    tables = [t.value for t in app.dataframe if "statement" in t.value.columns]
    return {name for name, quote in QUOTES.items() if tables and (tables[0]["quote"] == quote).any()}


def table(app: AppTest, *columns: str) -> pd.DataFrame:
    return next(t.value for t in app.dataframe if set(columns) <= set(t.value.columns))


def shown(app: AppTest) -> str:
    return re.sub(r"<style>.*?</style>", "", html(app), flags=re.DOTALL)


def test_the_queue_opens_with_what_a_source_says_otherwise_and_counts_the_rest(open_page, home) -> None:
    app = open_page("claims", home)
    assert listed(app) == OPENS_WITH
    assert "2 of 2 shown." in shown(app)
    # Of five: two differ, one nobody can check, two match (one of them the source it names, not another).
    assert "≠ differs 2 · ≈ another definition 0 · ? cannot check 1 · ✓ matches 2" in shown(app)
    assert "of 5 claims that meet the other filters, 5 stored." in shown(app)


def test_what_cannot_be_checked_is_a_click_away(open_page, home) -> None:
    app = open_page("claims", home)
    assert app.button(key="add_cannot").label == "Add the 1 that cannot be checked"
    app.button(key="add_cannot").click().run()
    assert not app.exception
    assert listed(app) == {*OPENS_WITH, "dominance"}
    assert not [button for button in app.button if button.key == "add_cannot"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"verdict": "matches"}, {"old price", "cap"}),
        ({"verdict": "another definition"}, set()),
        ({"quantity": "Dominance", "verdict": ["differs", "cannot check"]}, {"dominance", "other dominance"}),
        ({"of": "TOTAL", "verdict": "matches"}, {"cap"}),
        ({"tense": "historical", "verdict": "matches"}, {"old price"}),
        ({"text": "trillion COUNCIL", "verdict": "matches"}, {"cap"}),  # of the quote and of the title, in any case
        ({"text": "Beta"}, {"other dominance"}),  # the publisher
        ({"since": "2025-03-29"}, set()),
        ({"since": "2025-03-28", "until": "2025-03-28"}, OPENS_WITH),  # the last day counts
    ],
)
def test_filters_are_kept_in_the_address(open_page, home, query: dict, found: set[str]) -> None:
    assert listed(open_page("claims", home, **query)) == found


def test_the_counts_follow_the_filters_but_not_the_verdict(open_page, home) -> None:
    text = shown(open_page("claims", home, quantity="Price", verdict="differs"))
    assert "1 of 1 shown." in text
    assert "✓ matches 1 · of 2 claims that meet the other filters, 5 stored." in text


def test_nothing_found_says_what_to_do_and_keeps_the_counts(open_page, home) -> None:
    app = open_page("claims", home, text="zzzz")
    assert any("Add verdicts, widen the period" in note.value for note in app.info)
    assert "0 of 0 shown." in shown(app)


def test_a_reversed_period_is_turned_round_and_said(open_page, home) -> None:
    app = open_page("claims", home, since="2025-03-29", until="2025-03-27")
    assert "other way round" in app.warning[0].value
    assert listed(app) == OPENS_WITH


def test_a_filter_that_is_changed_cuts_the_list(open_page, home) -> None:
    app = open_page("claims", home)
    app.date_input(key="until").set_value(date(2025, 3, 27)).run()
    assert not app.exception
    assert listed(app) == set()


def test_no_claim_at_all_says_where_they_come_from(open_page, empty_home) -> None:
    assert any("newstape refresh" in note.value for note in open_page("claims", empty_home).info)


def test_the_chosen_claims_card_shows_its_sentence_and_leads_to_its_story(open_page, home) -> None:
    app = open_page("claims", home, claim=f"wire:{offset_of('wire', '$80,500')}")
    text = shown(app)
    assert "while <mark>bitcoin traded at $80,500</mark>, and its dominance was 61.5%." in text
    assert "≠ differs" in text
    assert [(link.proto.page, link.proto.query_string) for link in app.get("page_link")] == [("story", "story=harbour")]


def test_each_row_says_what_is_stated_and_how_near_the_nearest_value_is(open_page, home) -> None:
    app = open_page("claims", home, verdict=["matches", "differs", "cannot check"])
    rows = table(app, "statement").set_index("quote")
    # 2.68 / 2.69 − 1 is nearer than 2.68 / 2.85 − 1.
    assert rows.loc[QUOTES["cap"], ["statement", "nearest"]].tolist() == ["total market cap $2.680 T", "−0.4 %"]
    assert rows.loc[QUOTES["price"], ["statement", "nearest"]].tolist() == ["BTC price $80,500.00", "+0.6 %"]
    assert rows.loc[QUOTES["old price"], "statement"] == "BTC price $80,300"  # to the nearest $100: no cents
    assert rows.loc[QUOTES["other dominance"], ["statement", "nearest"]].tolist() == [
        "BTC dominance 58 %",
        "+0.8 points",
    ]
    assert rows.loc[QUOTES["dominance"], "nearest"] == "–"


def test_providers_stand_with_their_verdicts(open_page, home) -> None:
    rows = table(open_page("claims", home), "source", "checked").set_index(["source", "definition"])
    counts = rows[["checked", "matches", "another", "differs", "cannot"]]
    assert counts.to_dict("index") == {
        ("binance", "BTC/USDT"): {"checked": 2, "matches": 1, "another": 0, "differs": 1, "cannot": 0},
        ("coingecko", "all-coins"): {"checked": 2, "matches": 0, "another": 1, "differs": 1, "cannot": 0},
        ("tradingview", "top-125"): {"checked": 1, "matches": 1, "another": 0, "differs": 0, "cannot": 0},
        ("kraken", "BTC/USD"): {"checked": 0, "matches": 0, "another": 0, "differs": 0, "cannot": 1},
        ("none", "none"): {"checked": 0, "matches": 0, "another": 0, "differs": 0, "cannot": 1},
    }
    assert "– for fewer than 5 of them" in shown(open_page("claims", home))


def test_claims_stand_against_providers_with_mark_and_difference(open_page, home) -> None:
    rows = table(open_page("claims", home, verdict=["matches", "differs"]), "claim").set_index("claim")
    cap = rows.loc[f"Total market cap: “{QUOTES['cap']}”"]
    assert cap["tradingview, top-125"] == "✓ −0.4 %"
    assert cap["coingecko, all-coins"] == "≈ −6.0 %"
    assert pd.isna(cap["binance, BTC/USDT"])
    price = rows.loc[f"Price: “{QUOTES['price']}”"]
    assert (price["binance, BTC/USDT"], price["kraken, BTC/USD"]) == ("≠ +0.6 %", "? cannot check")


def test_a_verdict_is_never_called_false(open_page, home) -> None:
    assert "false" not in shown(open_page("claims", home)).lower()

"""The Story page as Streamlit runs it, over a lake of a few stories written row by row (tests/story_lakes.py)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from pages_run import html
from story_lakes import OUT, TITLE, fit, story_lake
from streamlit.testing.v1 import AppTest

from data import queries
from data.lake import Lake


@pytest.fixture(scope="module")
def home(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("stories") / "lake"))
    story_lake(home)
    return home


def shown(app: AppTest) -> str:
    """What the page says, without its style sheet."""
    return re.sub(r"<style>.*?</style>", "", html(app), flags=re.DOTALL)


def table(app: AppTest, *columns: str) -> pd.DataFrame:
    return next(t.value for t in app.dataframe if set(columns) <= set(t.value.columns))


def test_the_head_says_what_when_and_by_how_many(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="harbour"))
    assert f'<div class="nt-title">{TITLE}</div>' in text
    assert "Published 2025-03-28 12:00 UTC · 4 articles by 4 publishers · first source: Alpha Wire" in text
    for fact in ("adoption", "BTC", "Ana Ruiz", "Harbour Town"):
        assert f"<td>{fact}</td>" in text


@pytest.mark.parametrize("merged", ["alias", "port"])  # once and twice
def test_a_merged_id_leads_to_the_story_it_is_part_of_now_and_says_so(open_page, home, merged: str) -> None:
    text = shown(open_page("story_page", home, story=merged))
    assert f'<div class="nt-title">{TITLE}</div>' in text
    assert "was merged into it" in text
    assert "was merged into it" not in shown(open_page("story_page", home, story="harbour"))


def test_an_unknown_story_is_said_and_the_newest_are_offered(open_page, home) -> None:
    app = open_page("story_page", home, story="nonsense")
    assert "not in this lake" in app.warning[0].value
    assert table(app, "shown_at", "title")["story_id"].tolist() == ["later", "exchange", "harbour"]


def test_an_empty_lake_says_what_to_do(open_page, empty_home) -> None:
    assert any("newstape refresh" in note.value for note in open_page("story_page", empty_home).info)


def test_the_ladder_goes_from_the_unknown_event_to_our_fetch(open_page, home) -> None:
    rows = table(open_page("story_page", home, story="harbour"), "step", "gap")
    assert rows[["step", "when", "gap", "who"]].values.tolist() == [
        ["Event", "unknown", "–", ""],
        ["Post", "2025-03-28 11:40:00 UTC", "–", "@mayor_ruiz"],
        ["Published", "2025-03-28 12:00 UTC", "20 min", "Alpha Wire"],
        ["Published", "2025-03-28 12:40 UTC", "40 min", "Beta Daily"],
        ["First seen here", "2025-03-28 14:00:00 UTC", "1.3 h", "Alpha Wire"],
        ["First seen here", "2025-03-28 14:00:00 UTC", "0 s", "Beta Daily"],
        # On that day: from its first instant (10 h after 14:00) to its last (34 h after).
        ["Published", "2025-03-29 (UTC)", "10 h to 1.4 days", "Gamma Post"],
        ["Not before", "2025-03-30 00:00:00 UTC", "up to 1 day", "Delta Blog"],
        ["First seen here", "2025-03-30 12:00:00 UTC", "12 h", "Gamma Post"],
        ["Changed", "2025-03-31 12:00:00 UTC", "1 day", "Gamma Post"],
        ["First seen here", "2025-04-01 12:00:00 UTC", "1 day", "Delta Blog"],
        ["Published", "unknown", "–", "Delta Blog"],
    ]
    assert rows["note"].str.contains("Dates disagree: March 29, 2025; 27 March 2025").sum() == 1


def test_disagreeing_dates_are_flagged_above_the_ladder(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="harbour"))
    assert "Dates disagree within one article. Gamma Post: “March 29, 2025” / “27 March 2025”." in text
    assert "Dates disagree within" not in shown(open_page("story_page", home, story="exchange"))


def test_articles_stand_with_their_relation_the_original_first(open_page, home) -> None:
    rows = table(open_page("story_page", home, story="harbour"), "relation", "similarity")
    assert rows[["relation", "similarity", "publisher"]].values.tolist() == [
        ["original", 1.0, "Alpha Wire"],
        ["syndicated", 0.99, "Beta Daily"],
        ["rewritten", 0.71, "Gamma Post"],
        ["follow-up", 0.4, "Delta Blog"],
    ]


def test_the_rewritten_copy_is_compared_first_with_the_facts_both_state(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="harbour"))
    assert "Gamma Post (rewritten) against Alpha Wire" in text
    # The original: 7, 2, 2.68, 80500, 61.5. The copy lacks the dominance and adds its 90 days.
    assert "<td>What stays in a copy</td><td>kept</td><td>left out</td><td>added</td>" in text
    for kind, kept, left_out, added in (
        ("Numbers", "4 of 5: 7, 2, 2.68, 80500", "61.5", "90"),
        ("Links", "1 of 1: https://harbour.example/minutes.pdf", "–", "–"),
        ("Posts", "0 of 1", "mayor_ruiz", "–"),
    ):
        assert (
            f"<td>{kind}</td><td><small>kept</small>{kept}</td><td><small>left out</small>{left_out}</td>"
            f"<td><small>added</small>{added}</td>"
        ) in text
    assert "<del>Harbour</del> <ins>Port</ins> <span>council</span>" in text


def test_the_address_chooses_the_copy(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="harbour", copy="daily"))
    assert "Beta Daily (syndicated) against Alpha Wire: 100 % of the first source’s words are kept." in text
    assert "<del>" not in text


def test_a_story_of_one_article_has_nothing_to_compare(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="exchange"))
    assert "No other article tells this story" in text
    assert "What the copy changed" not in text


def test_a_verdict_card_has_the_sentence_the_statement_and_a_line_a_source(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="harbour"))
    assert "<mark>The total crypto market cap stood at $2.68 trillion</mark> while bitcoin traded at $80,500" in text
    assert (
        "Total market cap: $2.680 T (± $5.000 B), current, stated for 2025-03-28 00:00 to 2025-03-29 00:00 UTC. "
        "The article names TradingView for it."
    ) in text
    # 2.68 / 2.69 − 1 = −0.0037; 2.68 / 2.85 − 1 = −0.0596; 80,500 / 80,000 − 1 = 0.00625.
    for verdict, provider, against in (
        ("✓ matches", "tradingview, top-125", "−0.4 %"),
        ("≈ another definition", "coingecko, all-coins", "−6.0 %"),
        ("≠ differs", "binance, BTC/USDT", "+0.6 %"),
    ):
        assert re.search(
            rf"{verdict}</span></div><div><div class=\"cells\"><b>{provider}</b>.*?{re.escape(against)}", text
        )
    assert text.index("✓ matches") < text.index("≈ another definition")
    assert "false" not in text.lower()


def test_a_claim_in_percent_is_shown_in_percent_and_points(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="exchange"))
    assert "BTC dominance: 58 % (± 0.05 %), current, stated for 2025-03-28 12:00 UTC." in text
    assert "<i>recorded</i>57.2 %" in text
    assert "<i>range</i>57.1 % to 57.4 %" in text
    assert "<i>claimed against recorded</i>+0.8 points" in text


def test_the_path_names_its_bars_and_what_is_missing(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="harbour"))
    # 24 h + 7 days are 192 hours, 5 of them missing.
    assert "binance BTC/USDT, 187 bars of 1h: returns since 2025-03-28 12:00 UTC, $80,000.00." in text
    assert "5 bars of that span are not stored." in text
    assert "3 of 4 articles have a publication time in it." in text
    # 24 hours at 0.001 each: e^0.024 − 1 = 2.43 %.
    assert re.search(r"<td>24 h after</td><td class=\"n\">▲ \+2\.43 %</td>", text)


def test_an_asset_without_prices_says_so(open_page, home) -> None:
    text = shown(open_page("story_page", home, story="harbour", asset="ETH"))
    assert "No ETH price is stored from 2025-03-27 12:00 UTC to 2025-04-04 12:00 UTC" in text
    assert "Not paired: no price is stored for that time." in text


@pytest.mark.parametrize(
    ("within", "others"), [("6 h", ["exchange"]), ("24 h", ["exchange"]), ("7 days", ["exchange", "later"])]
)
def test_the_other_stories_are_those_within_the_window(open_page, home, within: str, others: list[str]) -> None:
    rows = table(open_page("story_page", home, story="harbour", within=within), "hours")
    assert rows["story_id"].tolist() == others
    assert rows["hours"].tolist() == [3.0, 72.0][: len(others)]


def test_no_other_story_says_what_to_do(open_page, home) -> None:
    app = open_page("story_page", home, story="later", within="6 h")
    assert any("Choose a longer span" in note.value for note in app.info)


def test_what_publishers_write_never_becomes_markup(open_page, home, tmp_path) -> None:
    lake = Lake(str(shutil.copytree(home, tmp_path / "lake")), lock_wait_s=0.2)
    hostile = "<img src=https://evil.example/x.png> **bold** $x$ </div>"
    with lake.writing():
        article = queries.articles(lake.pin(), ["post"]).to_dict("records")[0]
        article = {name: None if pd.isna(value) else value for name, value in article.items()}
        text = f"{hostile} {hostile}"
        lake.merge("articles", fit("articles", [{**article, "publisher": hostile, "title": hostile, "text": text}]))
        lake.merge(
            "claims",
            fit(
                "claims",
                [
                    {
                        "article_id": "post",
                        "offset": len(hostile) + 1,
                        "quote": hostile,
                        "quantity": "price",
                        "asset": "BTC",
                        "value": 1.0,
                        "unit": "USD",
                        "precision": 0.5,
                        "comparator": "eq",
                        "modality": "current",
                        "as_of": OUT,
                        "as_of_end": OUT,
                    }
                ],
            ),
        )
    for page, query in (("story_page", {"story": "harbour"}), ("claims", {"text": "bold", "verdict": "not checked"})):
        app = open_page(page, Path(lake.home), **query)
        assert "<img" not in html(app)
        assert "&lt;img src=https://evil.example/x.png&gt;" in html(app)
        assert not any("evil.example" in element.value for element in app.markdown)


def test_the_timeline_panel_leads_to_the_story_page(open_page, home) -> None:
    (link,) = open_page("timeline", home, story="harbour").get("page_link")
    assert (link.proto.page, link.proto.query_string) == ("story", "story=harbour&asset=BTC")

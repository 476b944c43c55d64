"""Claims across stories, redirects, and the clock: over the lake of tests/story_lakes.py."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from story_lakes import OUT, fit, offset_of, story_lake

from data import queries
from data.lake import Lake, Snapshot
from data.queries import Asked
from data.tables import TABLES


@pytest.fixture(scope="module")
def at(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("claims") / "lake"))
    return story_lake(home).pin()


def standings(at: Snapshot, asked: Asked = Asked(), **options: object) -> dict[str, str]:  # noqa: B008 (frozen)
    queue = queries.claim_queue(at, asked, **options)
    return dict(zip(queue["quote"].str.split().str[-1], queue["standing"], strict=True))


def test_a_claims_standing_is_what_its_checks_come_to(at) -> None:
    assert standings(at) == {
        "$80,300": "matches",
        "58.0%": "differs",
        "trillion": "matches",  # one universe holds it, another does not; the article names the one that does
        "$80,500": "differs",  # one source differs, one cannot check
        "61.5%": "cannot check",
    }


def restated(at: Snapshot, tmp_path: Path, *claims: dict, checks: tuple[dict, ...] = ()) -> Snapshot:
    """The lake with the total's claim stated otherwise, or more claims and checks like those it has."""
    lake = Lake(str(shutil.copytree(at.home, tmp_path / "lake")), lock_wait_s=0.2)
    with lake.writing():
        for table, rows in (("claims", claims), ("claim_checks", checks)):
            lake.merge(table, fit(table, rows))
    return lake.pin()


def first(frame: pd.DataFrame, **wanted: object) -> dict:
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    row = frame.iloc[0]
    return {name: None if pd.isna(value) else value for name, value in row.items()}


def total(at: Snapshot, **other: object) -> dict:
    row = first(queries.claim_queue(at, Asked()), quantity="total_market_cap")
    return {**{name: row[name] for name in TABLES["claims"].names}, **other}


@pytest.mark.parametrize(
    ("cited", "standing", "nearest"),
    [
        ("TRADINGVIEW", "matches", 2.68 / 2.69 - 1),
        ("CoinGecko", "another definition", 2.68 / 2.85 - 1),  # the source it names does not hold it
        (None, "another definition", 2.68 / 2.85 - 1),
    ],
)
def test_the_source_an_article_names_settles_its_claim(at, tmp_path, cited, standing, nearest) -> None:
    changed = restated(at, tmp_path, total(at, cited_source=cited))
    row = first(queries.claim_queue(changed, Asked()), quantity="total_market_cap")
    assert row["standing"] == standing
    assert row["nearest_difference"] == pytest.approx(nearest)


def test_a_median_is_of_five_figures_stated_plainly_for_a_day_or_less(at, tmp_path) -> None:
    model = total(at)
    check = first(queries.claims_of(at, (("wire", int(model["offset"])),)), source="tradingview")
    check = {name: check.get(name) for name in TABLES["claim_checks"].names} | {"known_at": OUT}
    week = {"as_of_end": model["as_of"] + timedelta(days=7)}
    # Five plain ones: 1, 2, 3, 4, 10 %; the others are of no weight, nor is one of no known time.
    others = [({}, 0.01), ({}, 0.02), ({"comparator": "approx"}, 0.03), ({}, 0.04), ({}, 0.10)]
    others += [({"comparator": "gt"}, 9.0), ({"comparator": "lt"}, 9.0), (week, 9.0)]
    others += [({"as_of": None, "as_of_end": None, "as_of_precision": None}, 9.0)]
    gone = {**check, "difference": None}

    def median(count: slice) -> float:
        place = tmp_path / f"from-{count.start}"
        kept = others[count]
        claims = [{**model, "offset": 10_000 + n, **other} for n, (other, _) in enumerate(kept)]
        checks = [{**check, "offset": 10_000 + n, "difference": d} for n, (_, d) in enumerate(kept)]
        found = queries.claim_providers(restated(at, place, *claims, checks=(gone, *checks)), Asked())
        return first(found, source="tradingview")["median_difference"]

    assert median(slice(None)) == pytest.approx(0.03)
    assert median(slice(1, None)) is None  # four


def test_a_claims_time_is_assumed_where_it_is_the_earliest_day_of_an_undated_article(at, tmp_path) -> None:
    day = datetime(2025, 3, 30, tzinfo=UTC)  # from when Delta Blog can have come out
    spans = {"offset 0": (day, day + timedelta(days=1)), "offset 1": (day - timedelta(days=1), day)}
    claims = [
        total(at, article_id="blog", offset=n, as_of=start, as_of_end=end)
        for n, (start, end) in enumerate(spans.values())
    ]
    changed = restated(at, tmp_path, *claims)
    keys = (("blog", 0), ("blog", 1), ("wire", offset_of("wire", "trillion")))
    found = queries.claims_of(changed, keys).drop_duplicates(["article_id", "offset"])
    assert found["as_of_assumed"].tolist() == [True, False, False]
    of_story = queries.story_claims(changed, "harbour").set_index(["article_id", "offset"])["as_of_assumed"]
    assert of_story["blog"].to_dict() == {0: True, 1: False}
    assert not of_story["wire"].any()


def test_at_an_earlier_clock_neither_later_checks_nor_later_articles_are_known(at) -> None:
    # Articles are first seen at 14:00; what was recorded of their claims is known a day after 12:00.
    assert standings(at, known_at=OUT + timedelta(hours=1)) == {}
    assert set(standings(at, known_at=OUT + timedelta(hours=3)).values()) == {"not checked"}
    assert standings(at, known_at=OUT + timedelta(days=2)) == standings(at)
    assert queries.claim_providers(at, Asked(), known_at=OUT + timedelta(hours=3)).empty


def test_a_later_clock_is_needed_to_know_which_other_days_fit(at) -> None:
    key = (("wire", offset_of("wire", "trillion")),)
    assert queries.claims_of(at, key)["also_matches"].dropna().tolist() == ["2025-03-29"]
    assert queries.claims_of(at, key, known_at=OUT + timedelta(days=2))["also_matches"].isna().all()


def test_the_counts_add_up_to_the_queue_and_the_limit_cuts_only_the_queue(at) -> None:
    assert queries.claim_counts(at, Asked())["claims"].sum() == 5
    assert len(queries.claim_queue(at, Asked(), limit=2)) == 2


def test_checks_come_in_the_order_of_the_claims_asked_for(at) -> None:
    keys = tuple((a, offset_of(a, e)) for a, e in (("wire", "61.5%"), ("exchange", "$80,300"), ("wire", "$80,500")))
    found = queries.claims_of(at, keys)
    assert found["source"].tolist() == ["none", "binance", "binance", "kraken"]


def test_words_that_a_quote_title_and_publisher_hold_together_find_a_claim(at) -> None:
    assert set(standings(at, Asked(text="alpha 80,500"))) == {"$80,500"}
    assert standings(at, Asked(text="100% '; --")) == {}


def test_a_redirect_ends_at_the_story_that_holds_now(at) -> None:
    assert queries.story_redirect(at, "port").values.tolist() == [["harbour", 2]]
    assert queries.story_redirect(at, "harbour").values.tolist() == [["harbour", 0]]
    assert queries.story_redirect(at, "nonsense").empty


def test_merges_that_go_round_in_a_circle_lead_nowhere(lake) -> None:
    with lake.writing():
        for name, other in (("a", "b"), ("b", "a")):
            row = {"story_id": name, "first_article_id": "x", "title": "t", "known_at": OUT, "merged_into": other}
            lake.merge("stories", fit("stories", [row]))
    assert queries.story_redirect(lake.pin(), "a").empty


def test_an_article_counts_for_the_story_it_is_in_now(at) -> None:
    queue = queries.claim_queue(at, Asked(assets=("TOTAL",)))
    assert queue["story_id"].tolist() == ["harbour"]

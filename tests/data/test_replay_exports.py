"""The law of replay for whole tables: at a clock, an export is that of a lake that holds only what was known by then.

The smaller lake is made by hand (``replay_lake``); what it cannot say is listed where it is compared.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pandas as pd
import pytest
import replay_lake as replayed
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import at, fit
from replay_lake import DATES, DAY, DAYS, FAR_AHEAD, FIRST, HOUR, Rows, said_otherwise
from test_replay import CLOCKS

from analysis.anchors import anchors
from data import queries
from data.contexts import refresh_contexts
from data.lake import Lake, Snapshot
from data.queries.exports import CHUNK
from data.tables import HORIZONS_H, INTERVAL_S, TABLES

#: Of the present text alone.
OF_TEXT = ("captions", "posts", "boilerplate")
WEEK = 7 * DAY


# ── the same lake, with rows in every table ───────────────────────────────────────────────────────────


def _rows() -> Rows:
    """Those of the pages' law, and the tables and columns that no page shows."""
    random = Random(5)
    rows = replayed.rows_stored()
    for article in rows["articles"]:
        article |= {name: f"{name} as it is" for name in OF_TEXT}
    by_id = {article["article_id"]: article for article in rows["articles"]}
    for member in rows["story_members"]:
        member["placed_at"] = replayed.placed(by_id[member["article_id"]])
    caps = rows["market_caps"]
    rows["total_members"] = [
        {key: cap[key] for key in ("source", "definition", "period_end", "market_cap_usd")}
        | {"rank": rank, "asset": f"C{rank}", "used": True, "reason": None}
        for cap in caps[::3]
        for rank in (1, 2)
    ]
    rows["indicators"] = [
        {"source": "alternative.me", "name": "fear-and-greed", "period_end": cap["period_end"], "value": 40.0}
        | {"label": "Fear", "available_at": cap["available_at"] + 5 * HOUR, "resolution_s": 86_400}
        for cap in caps[::2]
    ]
    rows["runs"], rows["rejects"] = [], []
    for n in range(80):
        begun = FIRST + timedelta(minutes=random.randrange(DAYS * 1440))
        for source in ("feed", "kraken"):  # one run, whose sources end hours apart
            counts = dict.fromkeys(("pages", "new", "changed", "same", "rejected"), n)
            run = {"run_id": f"r{n}", "source": source, "table_name": "articles", "started_at": begun, **counts}
            rows["runs"].append(run | {"finished_at": begun + random.randrange(20) * HOUR})
            rows["rejects"].append({"run_id": f"r{n}", "source": source, "n": 0, "reason": "Unreadable."})
    for n in range(12):
        made = {"created_at": FIRST + 3 * n * DAY}
        for table, kind in (("watchlists", "watchlist"), ("saved_views", "view"), ("alerts", "alert")):
            row = {f"{kind}_id": f"x{n}", "name": f"Name {n}", **made}
            row |= {"asset": "BTC", "position": n, "page": "timeline", "query": "q=vote", "active": True}
            rows.setdefault(table, []).append({key: row[key] for key in TABLES[table].names})
    return rows


def _known_by(rows: Rows, clock: datetime) -> Rows:
    small, then = replayed.known_by(rows, clock), said_otherwise(rows, clock)
    for article in small["articles"]:
        if article["article_id"] in then:
            article |= dict.fromkeys(OF_TEXT)
    placed = {article["article_id"]: replayed.placed(article) for article in small["articles"]}
    small["story_members"] = [row | {"placed_at": placed[row["article_id"]]} for row in small["story_members"]]
    small["total_members"] = [row for row in rows["total_members"] if row["period_end"] <= clock]
    small["indicators"] = [row for row in rows["indicators"] if row["available_at"] <= clock]
    small["runs"] = [row for row in rows["runs"] if row["finished_at"] <= clock]
    ended = {(row["run_id"], row["source"]) for row in small["runs"]}
    small["rejects"] = [row for row in rows["rejects"] if (row["run_id"], row["source"]) in ended]
    for table in ("watchlists", "saved_views", "alerts"):
        small[table] = [row for row in rows[table] if row["created_at"] <= clock]
    return small


def _stories(rows: Rows) -> list[dict]:
    """As enrichment makes them, with the columns that no page shows."""
    by_id = {article["article_id"]: article for article in rows["articles"]}
    held: dict[str, list[dict]] = {}
    for member in rows["story_members"]:
        held.setdefault(member["story_id"], []).append(by_id[member["article_id"]])
    found = replayed.stories_of(rows)
    for story in found:
        times = anchors(fit("articles", held[story["story_id"]]).to_pandas())["anchor_at"]
        story["last_at"] = None if times.isna().all() else times.max().to_pydatetime()
        story["first_precision"] = by_id[story["first_article_id"]].get("published_precision")
    return found


def _store(home: Path, rows: Rows, until: datetime = FAR_AHEAD) -> Snapshot:
    lake = Lake(str(home), lock_wait_s=0.2)
    stories = _stories(rows)
    with lake.writing():
        lake.merge("candles", replayed.hours(until))
        for table, some in {**rows, "stories": stories}.items():
            lake.merge(table, fit(table, some))
        refresh_contexts(lake, [story["story_id"] for story in stories], None)
    return lake.pin()


@pytest.fixture(scope="module")
def whole(empty_home, tmp_path_factory) -> Snapshot:
    return _store(Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("whole") / "lake")), _rows())


@pytest.fixture(scope="module", params=CLOCKS, ids=lambda clock: f"{clock:%d-%H%M}")
def then(request, empty_home, tmp_path_factory) -> tuple[datetime, Snapshot]:
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("then") / "lake"))
    return request.param, _store(home, _known_by(_rows(), request.param), request.param)


# ── the law ───────────────────────────────────────────────────────────────────────────────────────────


def _same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert len(expected)
    found, expected = (frame.reset_index(drop=True) for frame in (found, expected))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def _blank(frame: pd.DataFrame, rows: pd.Series, *columns: str) -> None:
    for name in columns:
        frame[name] = frame[name].mask(rows)


def _both(whole: Snapshot, then: tuple[datetime, Snapshot], table: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    clock, small = then
    return queries.export(whole, table, known_at=clock), queries.export(small, table)


#: What is compared in a test of its own.
OWN = {"articles", "claims", "claim_checks", "stories", "story_members", "contexts", "context_caps"}


@pytest.mark.parametrize("table", sorted(TABLES.keys() - OWN))
def test_a_table_is_that_of_the_smaller_lake(whole, then, table):
    _same(*_both(whole, then, table))


def test_articles_are_those_of_the_smaller_lake(whole, then):
    """When an imported one was stored is later than any clock; whether another title was derived is not kept. A title
    that is not kept is empty, as it cannot be in a lake."""
    clock, _ = then
    found, expected = _both(whole, then, "articles")
    _blank(expected, expected["first_seen_at"] > clock, "first_seen_at")
    _blank(expected, expected["article_id"].isin(said_otherwise(_rows(), clock)), "title_derived")
    _blank(expected, expected["title"] == "", "title")
    assert expected["stated"].notna().any() or clock == CLOCKS[0]
    _same(found, expected)


@pytest.mark.parametrize("table", ["claims", "claim_checks"])
def test_figures_are_those_of_the_smaller_lake(whole, then, table):
    """Their times are read by the article's: none of one that only an index dated, and later."""
    clock, _ = then
    found, expected = _both(whole, then, table)
    late = {row["article_id"] for row in _rows()["articles"] if row.get("indexed_at") and row["indexed_at"] > clock}
    assert not set(found["article_id"]) & late
    _same(found, expected)


def test_stories_are_those_of_the_smaller_lake(whole, then):
    found, expected = _both(whole, then, "stories")
    _blank(expected, expected["title"] == "", "title")
    _same(found, expected)


def test_members_are_those_of_the_smaller_lake(whole, then):
    """What an article is a copy of is empty while that was not known; the first of those known is the original."""
    clock, _ = then
    found, expected = _both(whole, then, "story_members")
    known = set(expected["article_id"])
    firsts = {story["story_id"]: story["first_article_id"] for story in _stories(_rows())}
    stands_for_it = {story["first_article_id"] for story in _stories(_known_by(_rows(), clock))}
    headless = ~expected["story_id"].map(firsts).isin(known)
    assert headless.any()
    _blank(expected, headless, "relation", "similarity")
    for name, value in (("relation", "original"), ("similarity", 1.0)):
        expected[name] = expected[name].mask(headless & expected["article_id"].isin(stands_for_it), value)
    _same(found, expected)


def _read_alike(clock: datetime) -> set[str]:
    """Stories whose first article is the same then as now, dated alike, and out by then."""
    now, before = (
        {story["story_id"]: (story["first_article_id"], story["first_at"]) for story in _stories(rows)}
        for rows in (_rows(), _known_by(_rows(), clock))
    )
    dated = {a["article_id"]: [a.get(k) for k in DATES] for a in _rows()["articles"]}
    versions = [v for v in _rows()["article_versions"] if v["seen_from"] <= clock < v["seen_until"]]
    redated = {v["article_id"] for v in versions if dated[v["article_id"]] != [v[k] for k in DATES]}
    same = {story: first for story, first in before.items() if now[story] == first and first[0] not in redated}
    return {story for story, (_, read_at) in same.items() if read_at is None or read_at <= clock}


def test_contexts_are_those_of_the_smaller_lake(whole, then):
    """Those read by what was stated then. Which bars their moves are from is known when the last one has ended."""
    clock, _ = then
    found, expected = _both(whole, then, "contexts")
    expected = expected[expected["story_id"].isin(_read_alike(clock))]
    _blank(expected := expected.copy(), expected["anchor_at"] + WEEK > clock, "moves_resolution_s")
    assert expected[["moves_resolution_s", "sigma_p7d"]].notna().any(axis=None) or clock == CLOCKS[0]
    assert expected["anchor_at"].isna().any() or clock == CLOCKS[0]
    _same(found, expected)


def test_totals_that_stories_met_are_those_of_the_smaller_lake(whole, then):
    clock, _ = then
    found, expected = _both(whole, then, "context_caps")
    _same(found, expected[expected["story_id"].isin(_read_alike(clock))])


# ── conditions, pieces, any clock ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("articles", "starts_with(title, 'Early')"),
        ("articles", "revisions = 2 OR body IS NULL"),
        ("contexts", "outcome = 'used'"),
        ("contexts", "log_return_p7d IS NOT NULL"),
        ("stories", "last_at > TIMESTAMPTZ '2025-03-14T00:00:00Z'"),
        ("story_members", "relation IS NULL"),
    ],
)
def test_a_condition_picks_rows_by_what_was_known_then(whole, then, table, where):
    """Else whoever asks for a later title learns which article will have it."""
    clock, _ = then
    every, found = queries.export(whole, table, known_at=clock), queries.export(whole, table, where, clock)
    said = {
        "starts_with(title, 'Early')": lambda f: f["title"].str.startswith("Early"),
        "revisions = 2 OR body IS NULL": lambda f: (f["revisions"] == 2) | f["body"].isna(),
        "outcome = 'used'": lambda f: f["outcome"] == "used",
        "log_return_p7d IS NOT NULL": lambda f: f["log_return_p7d"].notna(),
        "last_at > TIMESTAMPTZ '2025-03-14T00:00:00Z'": lambda f: f["last_at"] > at("2025-03-14"),
        "relation IS NULL": lambda f: f["relation"].isna(),
    }[where](every)
    pd.testing.assert_frame_equal(found, every[said].reset_index(drop=True), check_dtype=False)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_an_export_in_pieces_is_the_export(whole, monkeypatch, table):
    monkeypatch.setattr("data.queries.exports.PIECE", 20)
    monkeypatch.setattr("data.queries.exports.CHUNK", min(CHUNK, 7))
    for clock in (None, CLOCKS[1]):
        expected = queries.export(whole, table, known_at=clock)
        pieces = list(queries.exported(whole, table, known_at=clock))
        assert len(pieces) > 1 or len(expected) <= 7
        pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), expected)


#: Times that were stated, and anchors and places in order, which are read from those, may lie ahead of their row.
AHEAD = {"published_at", "published_not_before", "posted_at", "as_of", "as_of_end"}
AHEAD |= {"first_at", "last_at", "placed_at", "window_start", "window_end", "cursor"}


@settings(deadline=None, max_examples=8)
@given(when=st.integers(-86_400, (DAYS + 8) * 86_400))
def test_no_instant_after_the_clock_stands_in_any_table(whole, sample, when):
    for lake in (whole, sample):
        clock = FIRST + timedelta(seconds=when)
        for table in TABLES:
            where = "\"interval\" = '1h' AND open_time >= TIMESTAMPTZ '2025-02-20'" if table == "candles" else None
            found = queries.export(lake, table, where, clock)
            if table == "candles":
                assert (
                    found["open_time"] + pd.to_timedelta(found["interval"].map(INTERVAL_S), unit="s") <= clock
                ).all()
            for name in found.select_dtypes("datetimetz").columns.difference(AHEAD):
                assert not (found[name].dropna() > pd.Timestamp(clock)).any(), (table, name)
            if table == "contexts":
                for name, hours in HORIZONS_H.items():
                    late = found["anchor_at"] + hours * HOUR > clock
                    assert found.loc[late, [f"log_return_{name}", f"sigma_{name}"]].isna().all(axis=None)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_long_after_everything_an_export_is_the_one_without_a_clock(whole, table):
    expected = queries.export(whole, table)
    if table == "claim_checks":  # days still to come, then
        expected["also_matches"] = expected["also_matches"].mask(expected["also_matches"].notna())
    _same(queries.export(whole, table, known_at=at("2031-01-01")), expected)


def test_of_a_story_that_was_merged_since_only_its_id_and_when_it_was_known_are_told(lake):
    when = at("2025-03-28")
    with lake.writing():
        row = {"story_id": "s1", "first_article_id": "a1", "title": "A title", "first_at": when, "last_at": when}
        lake.merge("stories", fit("stories", [row | {"known_at": when, "merged_into": "s2"}]))
    [told] = queries.export(lake.pin(), "stories", known_at=when + DAY).to_dict("records")
    assert {name for name, value in told.items() if pd.notna(value)} == {"story_id", "known_at"}


def test_an_article_whose_text_of_then_is_not_stored_says_nothing_of_what_it_says_now(lake):
    """Its time of being known was assumed, and went back beyond the first version seen."""
    out = at("2025-03-01")
    article = {"article_id": "a1", "source": "f", "publisher": "P", "title": "Later title", "title_derived": False}
    article |= {"text": "BTC at $80,500", "published_at": out, "first_seen_at": FAR_AHEAD, "known_at": out}
    article |= {"known_at_assumed": True, "revisions": 1, "revised_at": out + 9 * DAY}
    mention = {"article_id": "a1", "kind": "asset", "value": "BTC", "offset": 0, "quote": "BTC"}
    claim = {"article_id": "a1", "offset": 7, "quote": "$80,500", "quantity": "price", "value": 1.0, "unit": "USD"}
    claim |= {"precision": 0.5, "comparator": "eq", "modality": "current"}
    check = {"article_id": "a1", "offset": 7, "source": "kraken", "definition": "BTC/USD", "verdict": "matches"}
    with lake.writing():
        lake.merge("articles", fit("articles", [article]))
        lake.merge("mentions", fit("mentions", [mention | {"basis": "text"}]))
        lake.merge("claims", fit("claims", [claim]))
        lake.merge("claim_checks", fit("claim_checks", [check | {"note": "n", "known_at": out}]))
    for clock, rows in ((out + DAY, 0), (out + 9 * DAY, 1)):
        [told] = queries.export(lake.pin(), "articles", known_at=clock).to_dict("records")
        assert [name for name in ("title", "text", "published_at") if pd.notna(told[name])] == [
            *("title", "text", "published_at")[: 3 * rows]
        ]
        for table in ("mentions", "claims", "claim_checks"):
            assert len(queries.export(lake.pin(), table, known_at=clock)) == rows

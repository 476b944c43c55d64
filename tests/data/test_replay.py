"""The law of replay: at a clock, every query says what it would over a lake that holds only what was known by then.

The smaller lake is made by hand from the rows of the larger one (tests/data/replay_lake.py).
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import at
from replay_lake import DAY, DAYS, FAR_AHEAD, FIRST, HOUR, known_by, rows_stored, said_otherwise, store

from data import queries
from data.lake import Snapshot
from data.markets import markets
from data.queries import Asked
from data.tables import HORIZONS_H

LONG_AGO = at("2009-01-03")


@pytest.fixture(scope="module")
def whole(empty_home, tmp_path_factory) -> Snapshot:
    return store(Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("whole") / "lake")), rows_stored())


CLOCKS = [FIRST + 4 * DAY + 7 * HOUR, FIRST + 13 * DAY, FIRST + 21 * DAY + HOUR / 2]


@pytest.fixture(scope="module", params=CLOCKS, ids=lambda clock: f"{clock:%d-%H%M}")
def then(request, empty_home, tmp_path_factory) -> tuple[datetime, Snapshot]:
    """A clock, and the lake that holds only what was known by it."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("then") / "lake"))
    return request.param, store(home, known_by(rows_stored(), request.param), request.param)


# ── the law ───────────────────────────────────────────────────────────────────────────────────────────

#: What pairing adds to a story.
PAIRED = ["asset", "anchor_at", "anchor_basis", "price_usd", "price_source", "resolution_s", "outcome"]
PAIRED += [f"{kind}_{name}" for kind in ("log_return", "sigma") for name in HORIZONS_H]


def _changing(clock: datetime) -> list[str]:
    """Stories with an article that said otherwise by then or was corrected, and some of the others."""
    rows = rows_stored()
    changed = {*said_otherwise(rows, clock), *(row["target_id"] for row in rows["annotations"])}
    stories = {row["story_id"] for row in rows["story_members"] if row["article_id"] in changed}
    return sorted(stories | {f"s{n:02}" for n in range(0, 60, 9)})


def _same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_like=False)


def test_stories_are_those_of_the_smaller_lake(whole, then):
    """Where a publication was dated otherwise by then, its context was read by the later date: it has none."""
    clock, small = then
    found, expected = queries.stories(whole, known_at=clock), queries.stories(small)
    rest = [name for name in found if name not in [*PAIRED, "moves_resolution_s"]]
    _same(found[rest], expected[rest])
    paired = found["anchor_at"].notna()
    assert paired.any()
    _same(found.loc[paired, PAIRED], expected.loc[paired, PAIRED])
    assert found.loc[~paired, [n for n in PAIRED if n != "outcome"]].isna().all(axis=None)
    assert set(found.loc[~paired, "outcome"]) <= {"no_price"}
    _same(queries.story_span(whole, clock), queries.story_span(small))


def test_a_storys_articles_are_those_of_the_smaller_lake(whole, then):
    clock, small = then
    firsts = queries.stories(whole).set_index("story_id")["first_article_id"]
    for story in _changing(clock):
        found, expected = queries.story_articles(whole, story, clock), queries.story_articles(small, story)
        if found.empty:
            assert expected.empty
            continue
        # Whether another title was derived is not kept, and where none is, it is empty, as it cannot be in a lake.
        other_title = expected["article_id"].isin(said_otherwise(rows_stored(), clock))
        expected["title_derived"] = expected["title_derived"].astype(object).mask(other_title, None)
        found["title"] = found["title"].fillna("")
        seen = expected.pop("first_seen_at")
        assert (found.pop("first_seen_at").dropna() == seen[seen <= clock]).all()
        how, other = (frame[["relation", "similarity"]] for frame in (found, expected))
        _same(found.drop(columns=how), expected.drop(columns=other))
        if firsts[story] in set(found["article_id"]):
            _same(how, other)
        else:  # what it is a copy of was not known
            assert how["relation"].dropna().tolist() == ["original"]
            assert how["similarity"].dropna().tolist() == [1.0]


@pytest.mark.parametrize("name", ["story_article_mentions", "story_mentions", "story_claims"])
def test_what_a_story_says_is_what_it_says_in_the_smaller_lake(whole, then, name):
    clock, small = then
    for story in _changing(clock):
        _same(getattr(queries, name)(whole, story, clock), getattr(queries, name)(small, story))


def test_the_totals_a_story_met_are_those_of_the_smaller_lake(whole, then):
    clock, small = then
    stories = queries.stories(whole, known_at=clock)
    for story in stories.iloc[::2].itertuples():
        found = queries.story_caps(whole, story.story_id, clock)
        if pd.notna(story.anchor_at):
            _same(found, queries.story_caps(small, story.story_id))
        else:
            assert found.empty


def test_claims_are_those_of_the_smaller_lake(whole, then):
    clock, small = then
    queue = queries.claim_queue(small, Asked(), limit=10_000)
    _same(queries.claim_queue(whole, Asked(), limit=10_000, known_at=clock), queue)
    for asked in (
        Asked(),
        Asked(text="alpha"),
        Asked(text="corrected"),
        Asked(standings=("differs",)),
        Asked(start=FIRST + 9 * DAY),
    ):
        for query in (queries.claim_counts, queries.claim_providers):
            _same(query(whole, asked, known_at=clock), query(small, asked))
    keys = tuple((row["article_id"], row["offset"]) for row in rows_stored()["claims"])
    _same(queries.claims_of(whole, keys, clock), queries.claims_of(small, keys))
    for article in [row["article_id"] for row in rows_stored()["articles"]][::4]:
        found, expected = queries.claim_text(whole, article, clock), queries.claim_text(small, article)
        _same(found.fillna({"title": ""}), expected)


def test_the_claims_left_out_are_those_of_known_articles_that_are_not_shown(whole, then):
    clock, _ = then
    known = {row["article_id"] for row in rows_stored()["articles"] if row["known_at"] <= clock}
    stated = [row for row in rows_stored()["claims"] if row["article_id"] in known]
    shown = known_by(rows_stored(), clock)["claims"]
    assert queries.claims_left_out(whole, known_at=clock) == len(stated) - len(shown)
    of_stories = [queries.claims_left_out(whole, s, clock) for s in queries.stories(whole)["story_id"]]
    assert sum(of_stories) == len(stated) - len(shown)
    assert queries.claims_left_out(whole) == 0


def test_prices_and_totals_are_those_of_the_smaller_lake(whole, then):
    clock, small = then
    given_ = (markets("BTC"), "1h", LONG_AGO, FAR_AHEAD)
    _same(queries.price_series(whole, *given_, clock), queries.price_series(small, *given_))
    caps = ("TOTAL", LONG_AGO, FAR_AHEAD)
    _same(queries.cap_series(whole, *caps, clock), queries.cap_series(small, *caps))


# ── any clock, any query ──────────────────────────────────────────────────────────────────────────────

_GIVEN = {
    "markets": markets("BTC"),
    "interval": "1h",
    "start": LONG_AGO,
    "end": FAR_AHEAD,
    "asset": "TOTAL",
    "asked": Asked(),
    "limit": 10_000,
}
#: What a publisher or an article states of a time may lie ahead of it; so does what is placed by that.
STATED = {"published_at", "published_not_before", "posted_at", "shown_at", "as_of", "as_of_end", "first", "last"}
#: Counts what the clock leaves out.
NOT_COUNTED = {"claims_left_out"}
OURS = {*queries.stories.__module__.split(), "data.queries.claims", "data.queries.market"}


def _clocked() -> list[Callable]:
    found = [function for _, function in inspect.getmembers(queries, inspect.isfunction)]
    return [f for f in found if f.__module__ in OURS and "known_at" in inspect.signature(f).parameters]


def _ask(query: Callable, snapshot: Snapshot, clock: datetime | None, **more: object) -> pd.DataFrame:
    wanted = inspect.signature(query).parameters
    given_ = {name: value for name, value in (_GIVEN | more).items() if name in wanted}
    return query(snapshot, **given_, known_at=clock)


def _no_later(frame: pd.DataFrame, clock: datetime) -> None:
    for name in frame.select_dtypes("datetimetz").columns.difference(STATED):
        late = frame[name].dropna() > pd.Timestamp(clock)
        assert not late.any(), name


@pytest.mark.parametrize("query", _clocked(), ids=lambda query: query.__name__)
@settings(deadline=None, max_examples=5)
@given(when=st.integers(-86_400, (DAYS + 8) * 86_400), less=st.integers(0, 5 * 86_400), of_sample=st.booleans())
def test_no_later_instant_appears_and_no_count_grows_when_the_clock_goes_back(
    whole, sample, query, when, less, of_sample
):
    lake = sample if of_sample else whole
    clock = (at("2025-03-01") if of_sample else FIRST) + timedelta(seconds=when)
    for more in _some(query, lake):
        late, early = (_ask(query, lake, moment, **more) for moment in (clock, clock - timedelta(seconds=less)))
        if query.__name__ in NOT_COUNTED:
            continue
        _no_later(late, clock)
        if query is queries.price_series:
            assert (late["open_time"] + HOUR <= clock).all()
        assert len(early) <= len(late)
        for name in {"claims", "articles", "times", "matches", "differs"} & set(late.select_dtypes("number").columns):
            assert early[name].sum() <= late[name].sum(), name
        assert len(late) <= len(_ask(query, lake, None, **more))


def _some(query: Callable, lake: Snapshot) -> list[dict]:
    """Arguments of a query besides the clock: of one story or article, for several of them."""
    wanted = inspect.signature(query).parameters
    stories = queries.stories(lake)
    if wanted.get("story_id") is not None and wanted["story_id"].default is inspect.Parameter.empty:
        return [{"story_id": story} for story in stories.nlargest(3, "articles")["story_id"]]
    if "article_id" in wanted:
        return [{"article_id": article} for article in stories["first_article_id"].tail(3)]
    if "claims" in wanted:
        queue = queries.claim_queue(lake, Asked())
        return [{"claims": tuple(zip(queue["article_id"].tail(20), queue["offset"].tail(20).tolist(), strict=True))}]
    return [{}]


# ── stepping ──────────────────────────────────────────────────────────────────────────────────────────


def test_stepping_by_story_meets_each_moment_a_story_became_known(whole, sample):
    """From the newest back to the first, and on again; at each moment the story named is there, and was not before."""
    for lake in (whole, sample):
        known = queries.stories(lake)[["story_id", "known_at"]]
        moments = sorted(set(known["known_at"]), reverse=True)
        clock, seen = None, []
        while len(found := queries.neighbour_known(lake, clock, -1)):
            clock = found["known_at"].iloc[0]
            seen.append(clock)
            if len(seen) % 25 == 1:
                story = found["story_id"].iloc[0]
                assert len(queries.stories(lake, story_id=story, known_at=clock)) == 1
                assert queries.stories(lake, story_id=story, known_at=clock - timedelta(microseconds=1)).empty
        assert seen == moments
        assert queries.neighbour_known(lake, moments[-1], 1)["known_at"].tolist() == moments[-2:-1]
        assert queries.neighbour_known(lake, moments[0], 1).empty
        assert queries.neighbour_known(lake, None, 1).empty

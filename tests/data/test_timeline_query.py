"""Marks and counted bins against the stories query, and against counting by hand."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import at, fit
from timeline_lake import ASSETS, DAYS, FIRST, TOPICS, lake_rows_then, story_lake_rows

from data import queries
from data.lake import Lake
from data.queries.timeline import LANES, MOST, OTHER, Filters, marks
from data.queries.timeline_index import index_key, story_index

LONG_AGO, FAR_AHEAD = at("2000-01-01"), at("2030-01-01")


@pytest.fixture(scope="module")
def stored(empty_home, tmp_path_factory):
    lake = Lake(str(shutil.copytree(empty_home, tmp_path_factory.mktemp("marks") / "lake")))
    with lake.writing():
        for table, rows in story_lake_rows().items():
            lake.merge(table, fit(table, rows))
    return lake.pin()


@pytest.fixture(scope="module")
def index(stored):
    return story_index(stored)


instants = st.integers(-2 * 86_400, (DAYS + 12) * 86_400).map(lambda s: FIRST + timedelta(seconds=s))
clocks = st.none() | instants
OF_ASKING = settings(deadline=None, max_examples=12)


def _aware(values) -> pd.Series:
    return pd.Series(pd.to_datetime(values)).dt.tz_localize("UTC").astype("datetime64[us, UTC]")


# ── what counts ───────────────────────────────────────────────────────────────────────────────────────


@OF_ASKING
@given(instants, instants, clocks)
def test_the_marks_of_a_range_are_the_stories_that_the_stories_query_has_there(stored, index, one, other, clock):
    start, end = sorted((one, other))
    expected = queries.stories(stored, start, end, known_at=clock).sort_values(["shown_at", "story_id"])
    found = marks(index, start, end, known_at=clock, most=10**9)
    assert (found.shown, found.total, found.bin_s) == (len(expected), len(expected), 0)
    assert found.story_id == expected["story_id"].to_list()
    assert found.title == expected["title"].to_list()
    assert found.publisher == expected["publisher"].to_list()
    assert _aware(found.shown_at).to_list() == expected["shown_at"].to_list()


@OF_ASKING
@given(instants, clocks, st.lists(st.sampled_from(TOPICS), max_size=2, unique=True), st.sets(st.sampled_from(ASSETS)))
def test_filters_ask_for_one_of_each_list(stored, index, start, clock, topics, assets):
    rows = queries.stories(stored, start, FAR_AHEAD, known_at=clock)
    for column, wanted in (("topics", {*topics}), ("assets", assets)):
        if wanted:
            rows = rows[rows[column].map(lambda names, wanted=wanted: bool(wanted & {*names.split("; ")})).astype(bool)]
    rows = rows[rows["source"].isin(["feed", "wire"])]
    filters = Filters(tuple(topics), tuple(assets), ("feed", "wire", "nobody"))
    found = marks(index, start, FAR_AHEAD, filters=filters, known_at=clock, most=10**9)
    assert set(found.story_id) == set(rows["story_id"])


@pytest.mark.parametrize(
    "search", ["harbour", "VOTE", "fund alpha", "ünal", "el bri", "early", "gamma", "nothing", "a.b", "%"]
)
@settings(deadline=None, max_examples=4)
@given(clocks)
def test_every_word_of_a_search_has_to_stand_somewhere(stored, index, search, clock):
    rows = queries.stories(stored, known_at=clock)
    for word in search.split():  # as the page itself looked for them
        columns = rows[["title", "people", "places", "publisher"]]
        rows = rows[columns.apply(lambda c, word=word: c.str.contains(word, case=False, regex=False)).any(axis=1)]
    for _ in range(2):  # the second time from what is remembered
        found = marks(index, LONG_AGO, FAR_AHEAD, filters=Filters(search=search), known_at=clock, most=10**9)
        assert set(found.story_id) == set(rows["story_id"])


@pytest.mark.parametrize("days", [3, 17, 30])
def test_at_a_clock_it_is_as_if_nothing_later_were_stored(stored, index, empty_home, tmp_path, days):
    clock = FIRST + timedelta(days=days)
    lake = Lake(str(shutil.copytree(empty_home, tmp_path / "then")))
    with lake.writing():
        for table, held in lake_rows_then(clock).items():
            lake.merge(table, fit(table, held))
    of_then = story_index(lake.pin())
    assert 0 < len(of_then.shown) < len(index.shown)
    for lanes in LANES:
        for filters in (Filters(), Filters(topics=("hack", "ETF")), Filters(assets=("SOL",), search="vote")):
            for most in (10**9, 40):
                asked = {"lanes": lanes, "filters": filters, "most": most}
                now = marks(index, LONG_AGO, FAR_AHEAD, known_at=clock, **asked)
                past = marks(of_then, LONG_AGO, FAR_AHEAD, **asked)
                assert _plain(now) == _plain(past)


def _plain(found) -> dict:
    return {
        name: [str(v) for v in value] if hasattr(value, "__len__") else value for name, value in vars(found).items()
    }


# ── lanes ─────────────────────────────────────────────────────────────────────────────────────────────


def _lane_of(names: list[str], often: Counter, order: list[str], drawn: int = 8) -> str:
    """The first of a story's names, those of ``order`` before the more frequent; among the eight lanes drawn."""
    ranked = sorted(often, key=lambda name: (order.index(name) if name in order else len(order), -often[name], name))
    return next((name for name in ranked[:drawn] if name in names), OTHER)


@OF_ASKING
@given(instants, clocks, st.sampled_from(LANES), st.permutations(ASSETS).map(lambda names: names[:3]))
def test_a_story_stands_in_the_lane_of_the_first_name_it_has(stored, index, start, clock, lanes, order):
    rows = queries.stories(stored, start, FAR_AHEAD, known_at=clock).sort_values(["shown_at", "story_id"])
    column = {"topic": "topics", "asset": "assets", "source": "source"}[lanes]
    names = [[name for name in joined.split("; ") if name] for joined in rows[column]]
    # How often a name stands in the range counts articles, of which stories have several.
    often = Counter(_said(stored, rows["story_id"], lanes, clock) if lanes != "source" else rows["source"])
    expected = [_lane_of(own, often, order) for own in names]
    found = marks(index, start, FAR_AHEAD, lanes=lanes, order=order, known_at=clock, most=10**9)
    assert [found.lanes[n] for n in found.lane] == expected
    assert set(found.lanes) == set(expected)
    assert OTHER not in found.lanes[:-1]


def _said(stored, story_ids, kind, clock) -> list[str]:
    rows = lake_rows_then(clock) if clock else story_lake_rows()
    member = {r["article_id"]: r["story_id"] for r in rows["story_members"]}
    said = {(r["article_id"], r["value"]) for r in rows["mentions"] if r["kind"] == kind}
    return [value for article, value in said if member[article] in set(story_ids)]


def test_names_that_are_filtered_for_come_first(index):
    asked = Filters(assets=("DOT",))
    found = marks(index, LONG_AGO, FAR_AHEAD, lanes="asset", order=["BTC"], filters=asked)
    assert found.lanes == ("DOT",)
    with pytest.raises(ValueError, match="topic, asset, source"):
        marks(index, LONG_AGO, FAR_AHEAD, lanes="mood")


def test_one_lane_alone_holds_what_that_lane_holds_among_the_others(index):
    whole = marks(index, LONG_AGO, FAR_AHEAD, lanes="topic", order=TOPICS, most=10**9)
    assert set(whole.lanes) == {*TOPICS, OTHER}
    for name in (*whole.lanes, "nobody"):
        alone = marks(index, LONG_AGO, FAR_AHEAD, lanes="topic", order=TOPICS, lane=name, most=10**9)
        of_it = [s for s, n in zip(whole.story_id, whole.lane, strict=True) if whole.lanes[n] == name]
        assert (alone.story_id, alone.total, alone.lanes) == (of_it, len(of_it), (name,) if of_it else ())


# ── counted ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("most", [9, 40, 120])
@pytest.mark.parametrize("days", [(-30, 60, None), (3, 37.123456, None), (0, 60, 21)])
def test_every_story_is_a_mark_or_is_counted_once(index, lanes, most, days):
    start, end, clock = (FIRST + timedelta(days=d) if d is not None else None for d in days)
    asked = {"lanes": lanes, "known_at": clock}
    whole, found = marks(index, start, end, **asked, most=10**9), marks(index, start, end, **asked, most=most)
    assert found.shown + found.bin_count.sum() == found.total == whole.total
    assert found.shown + len(found.bin_count) <= most
    assert found.lanes == whole.lanes
    if whole.total <= most:
        assert (found.bin_s, found.story_id) == (0, whole.story_id)
        return
    assert len(found.bin_count)
    # Counted by hand: how many stories of a lane lie in a bin; a story alone in its bin is its mark.
    width = pd.Timedelta(seconds=found.bin_s)
    bins = [(int(n), t) for n, t in zip(whole.lane, _aware(whole.shown_at).dt.floor(width), strict=True)]
    expected = {place: count for place, count in Counter(bins).items() if count > 1}
    starts = _aware(found.bin_start)
    assert dict(zip(zip(found.bin_lane.tolist(), starts, strict=True), found.bin_count, strict=True)) == expected
    alone = [s for s, place in zip(whole.story_id, bins, strict=True) if place not in expected]
    assert found.story_id == alone


def test_panning_by_a_bin_moves_no_edge(index):
    hours = timedelta(hours=1)
    one = marks(index, FIRST, FIRST + timedelta(days=30), most=40)
    other = marks(index, FIRST + 7 * hours, FIRST + timedelta(days=30) + 7 * hours, most=40)
    assert one.bin_s == other.bin_s > 0
    assert {t.astype(int) % (one.bin_s * 10**6) for t in (*one.bin_start, *other.bin_start)} == {0}


def test_a_crowd_in_one_second_and_ten_thousand_years_are_counted_too(index):
    found = marks(index, at("1700-01-01"), datetime(9999, 1, 1, tzinfo=UTC), most=MOST // 50)
    assert found.shown + found.bin_count.sum() == found.total > 100


def test_a_range_that_ends_before_it_begins_and_a_lake_without_stories_are_empty(index, empty_home):
    for of, start, end in (
        (index, FIRST + timedelta(days=3), FIRST),
        (story_index(Lake(str(empty_home)).pin()), LONG_AGO, FAR_AHEAD),
    ):
        for lanes in LANES:
            asked = Filters(topics=("hack",), sources=("feed",), search="a b")
            for filters in (Filters(), asked):
                found = marks(of, start, end, lanes=lanes, filters=filters, known_at=FAR_AHEAD)
                assert (found.total, found.shown, len(found.bin_count), found.lanes) == (0, 0, 0, ())


# ── times ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_span_is_what_is_known_of_the_publication(stored, index):
    """The span that pairing anchors at the end of: ``analysis.anchors``, another implementation."""
    found = marks(index, LONG_AGO, FAR_AHEAD, most=10**9)
    known = pd.DataFrame({"story_id": found.story_id, "start": _aware(found.span_start), "end": _aware(found.span_end)})
    rows = queries.stories(stored)
    articles = queries.export(stored, "articles").set_index("article_id").loc[rows["first_article_id"]]
    from analysis.anchors import anchors

    expected = anchors(articles.reset_index()).assign(story_id=rows["story_id"].to_numpy()).set_index("story_id")
    known = known.set_index("story_id").loc[expected.index]
    assert known["start"].isna().sum() == (expected["anchor_at"].isna()).sum() > 0
    pd.testing.assert_series_equal(known["start"], expected["span_start"], check_names=False)
    pd.testing.assert_series_equal(known["end"], expected["anchor_at"], check_names=False)


def test_an_index_is_for_as_long_as_what_it_was_made_from(sample_lake):
    before = index_key(sample_lake.pin())
    with sample_lake.writing():
        sample_lake.merge("candles", fit("candles", []))
    assert index_key(sample_lake.pin()) == before
    note = {"annotation_id": "n", "target_kind": "story", "target_id": "s", "note": "x", "author": "a"}
    with sample_lake.writing():
        sample_lake.merge("annotations", fit("annotations", [note | {"created_at": FIRST}]))
    assert index_key(sample_lake.pin()) == before
    article = {"article_id": "new", "source": "feed", "publisher": "p", "title": "t", "title_derived": False}
    times = {"first_seen_at": FIRST, "known_at": FIRST, "known_at_assumed": False, "revisions": 0}
    with sample_lake.writing():
        sample_lake.merge("articles", fit("articles", [article | times]))
    assert index_key(sample_lake.pin()) != before


def test_the_sample_is_on_the_timeline_as_the_stories_query_has_it(sample):
    rows = queries.stories(sample).sort_values(["shown_at", "story_id"])
    found = marks(story_index(sample), LONG_AGO, FAR_AHEAD, most=10**9)
    assert found.story_id == rows["story_id"].to_list()
    assert found.title == rows["title"].to_list()

"""The ladder, the price path and the verdict tables as pure functions: frames in, figure or frame out."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dashboard import ladder, path, verdicts, words
from dashboard.views.claims_card import around
from dashboard.views.story import move_told
from dashboard.views.story_parts_members import repeats, shown_relations

UTC = "datetime64[us, UTC]"
NOON = pd.Timestamp("2025-03-28 12:00", tz="UTC")
HOUR = pd.Timedelta(hours=1)


def articles(*rows: dict) -> pd.DataFrame:
    blank = {
        "article_id": "a",
        "publisher": "Wire",
        "source": "feed",
        "title": "A title",
        "published_at": pd.NaT,
        "published_precision": None,
        "published_not_before": pd.NaT,
        "indexed_at": pd.NaT,
        "first_seen_at": NOON + HOUR,
        "revised_at": pd.NaT,
        "revisions": 0,
        "known_at_assumed": False,
        "date_conflicts": None,
    }
    frame = pd.DataFrame([{**blank, **row} for row in rows])
    for name in ("published_at", "published_not_before", "indexed_at", "first_seen_at", "revised_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype(UTC)
    return frame


def posts(*times: pd.Timestamp | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "article_id": pd.Series(["a"] * len(times), dtype="str"),
            "value": pd.Series([f"@p{n}" for n in range(len(times))], dtype="str"),
            "posted_at": pd.Series(list(times), dtype=UTC),
            "posted_precision": pd.Series([None] * len(times), dtype="str"),
        }
    )


def steps(rungs: pd.DataFrame) -> list[str]:
    return rungs["step"].tolist()


# ── the ladder ────────────────────────────────────────────────────────────────────────────────────────


def test_every_instant_known_is_a_rung_in_order() -> None:
    row = {
        "published_at": NOON,
        "published_precision": "minute",
        "published_not_before": NOON.floor("D"),
        "indexed_at": NOON + 0.5 * HOUR,
        "revised_at": NOON + 30 * HOUR,
        "revisions": 2,
    }
    rungs = ladder.rungs(articles(row), posts(NOON - HOUR))
    assert steps(rungs) == ["Event", "Not before", "Post", "Published", "In an index", "First seen here", "Changed"]
    # 00:00, 11:00, 12:00, 12:30, 13:00 and 18:00 the day after.
    assert rungs["gap_min_s"].tolist()[2:] == [39_600, 3600, 1800, 1800, 104_400]
    assert rungs["note"].iloc[-1] == "2 changes seen; this is the last"


def test_what_no_source_states_is_said_to_be_unknown() -> None:
    rungs = ladder.rungs(articles({}), posts(None))
    unknown = rungs[rungs["at"].isna()]
    assert steps(unknown) == ["Event", "Post", "Published"]
    assert unknown["note"].str.len().gt(0).all()


@pytest.mark.parametrize(
    ("precision", "gap"),
    [("minute", (3600, 3600)), ("hour", (0, 3600)), ("day", (0, 46_800)), ("month", (0, 2_379_600))],
)  # from the first instant of that hour, day or month to 13:00 on the 28th
def test_a_gap_behind_an_imprecise_time_is_a_range(precision: str, gap: tuple[float, float]) -> None:
    start = {"minute": NOON, "hour": NOON, "day": NOON.floor("D"), "month": pd.Timestamp("2025-03-01", tz="UTC")}
    rungs = ladder.rungs(articles({"published_at": start[precision], "published_precision": precision}), posts())
    seen = rungs[rungs["step"] == "First seen here"].iloc[0]
    assert (seen["gap_min_s"], seen["gap_max_s"]) == gap


def test_a_post_that_two_articles_embed_is_one_instant() -> None:
    both = pd.concat([posts(NOON), posts(NOON).assign(article_id="b")])
    rungs = ladder.rungs(articles({"article_id": "a"}, {"article_id": "b"}), both)
    assert steps(rungs).count("Post") == 1


def test_the_ladder_draws_a_dot_an_instant_and_a_bar_where_it_is_imprecise() -> None:
    day = NOON.floor("D")
    rungs = ladder.rungs(articles({"published_at": day, "published_precision": "day"}), posts(day - 3 * HOUR))
    bars, dots = ladder.figure(rungs).data
    assert list(dots.y) == ["Post", "Published", "First seen here"]
    assert dots.x[1] == np.datetime64("2025-03-28T12:00")  # the middle of the day
    assert [bars.x[0], bars.x[1], bars.y[2]] == [np.datetime64("2025-03-28"), np.datetime64("2025-03-29"), None]


def test_what_lies_far_outside_stands_at_the_edge_and_is_counted() -> None:
    row = {"published_at": NOON, "published_precision": "minute", "first_seen_at": NOON + 500 * 24 * HOUR}
    rungs = ladder.rungs(articles(row), posts(NOON - HOUR, NOON - 900 * 24 * HOUR))
    dots = ladder.figure(rungs).data[-1]
    assert ladder.beyond(rungs) == 2
    assert dict(zip(dots.y, dots.marker.symbol, strict=True))["First seen here"] == "triangle-right"
    assert sorted(dots.marker.symbol) == ["circle", "circle", "triangle-left", "triangle-right"]
    assert dots.x.max() - dots.x.min() < np.timedelta64(1, "D")


def test_a_ladder_without_a_single_time_draws_nothing() -> None:
    assert len(ladder.figure(ladder.rungs(articles({}).iloc[:0], posts())).data) == 0


def test_names_in_the_ladder_never_become_markup() -> None:
    rungs = ladder.rungs(
        articles({"publisher": "<b>x</b>", "date_conflicts": "<i>1</i>", "published_at": NOON}), posts()
    )
    assert not any("<b>" in text or "<i>" in text for text in ladder.figure(rungs).data[-1].text)


# ── the price path ────────────────────────────────────────────────────────────────────────────────────


def bars(closes: list[float], step: pd.Timedelta = HOUR, start: pd.Timestamp = NOON) -> pd.DataFrame:
    times = pd.Series([start + n * step for n in range(len(closes))]).astype(UTC)
    return pd.DataFrame({"open_time": times, "close": closes})


def draw(found: path.PricePath, marks: pd.DataFrame | None = None, **other: object):
    marks = marks if marks is not None else marks_at()
    span = {"start": NOON, "end": NOON + 10 * HOUR}
    return path.figure(found, marks, asset="BTC", **{"anchor": NOON + HOUR, "base": 100.0, **span, **other})


def marks_at(*hours: float, relation: str = "original") -> pd.DataFrame:
    at = pd.Series([NOON + h * HOUR for h in hours], dtype=UTC)
    return pd.DataFrame({"at": at, "title": "<b>A title", "publisher": "P", "relation": relation})


def test_the_price_at_an_instant_is_the_last_close_and_no_gap_is_bridged() -> None:
    found = path.PricePath(bars([1.0, 2.0]), 3600, "x")
    assert found.at(NOON + 0.9 * HOUR) is None  # nothing has closed
    assert found.at(NOON + 1 * HOUR) == 1.0
    assert found.at(NOON + 1.9 * HOUR) == 1.0
    assert found.at(NOON + 2.5 * HOUR) == 2.0
    assert found.at(NOON + 3 * HOUR) is None  # that bar is missing


def test_the_finest_bars_that_cover_nearly_as_much_are_chosen() -> None:
    hours, minutes = bars([1.0] * 100), bars([1.0] * 5900, HOUR / 60)
    assert path.finest({"1m": minutes, "1h": hours}, "x").bar_s == 60  # 5900 of 6000 minutes
    assert path.finest({"1m": minutes[:3000], "1h": hours}, "x").bar_s == 3600
    assert path.finest({}, "x").bars.empty


def test_only_bars_closed_at_the_clock_count() -> None:
    found = path.finest({"1h": bars([1.0, 2.0, 3.0])}, "x", known_at=NOON + 2.5 * HOUR)
    assert found.bars["close"].tolist() == [1.0, 2.0]


def test_the_path_is_the_log_return_since_the_anchor_in_percent() -> None:
    line = draw(path.PricePath(bars([100.0, 100 * math.e**0.05, 90.0]), 3600, "x")).data[0]
    assert list(line.y) == pytest.approx([0.0, 5.0, 100 * math.log(0.9)])
    assert line.x[0] == np.datetime64("2025-03-28T13:00")  # a bar's close stands at its end


def test_the_line_breaks_where_a_bar_is_missing() -> None:
    frame = bars([1.0, 2.0, 3.0, 4.0]).drop(index=2)
    y = np.asarray(draw(path.PricePath(frame, 3600, "x")).data[0].y, dtype=float)
    assert np.isnan(y).tolist() == [False, False, True, False]


def test_articles_are_one_trace_at_their_exact_times_within_the_span() -> None:
    figure = draw(path.PricePath(bars([1.0]), 3600, "x"), marks_at(0.51, 3.25, 11))
    trace = figure.data[1]
    assert len(figure.data) == 2
    assert list(trace.x) == [np.datetime64("2025-03-28T12:30:36"), np.datetime64("2025-03-28T15:15")]
    assert all("<b>" not in text for text in trace.text)


def test_without_a_base_the_price_itself_is_drawn() -> None:
    figure = draw(path.PricePath(bars([100.0, 101.0]), 3600, "x"), anchor=None, base=None)
    assert list(figure.data[0].y) == [100.0, 101.0]
    assert figure.layout.yaxis.title.text == "BTC, USD"


def test_without_prices_the_panel_says_so() -> None:
    figure = draw(path.finest({}, "x"), base=None)
    assert [note.text for note in figure.layout.annotations] == ["No BTC price is stored for this span"]


# ── verdicts and words ────────────────────────────────────────────────────────────────────────────────


def test_every_verdict_has_a_mark_of_its_own() -> None:
    assert len(set(verdicts.MARKS.values())) == len(verdicts.MARKS) == len(verdicts.STYLES)


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (2.68e12, "USD", "$2.680 T"),
        (80_500, "USD", "$80,500.00"),
        (0.00001234, "USD", "$0.00001234"),
        (61.5, "percent", "61.5 %"),
        (-7.25, "percent", "−7.25 %"),
        (float("nan"), "USD", "–"),
    ],
)
def test_a_figure_is_written_in_its_unit(value: float, unit: str, told: str) -> None:
    assert words.quantity(value, unit) == told


@pytest.mark.parametrize(
    ("value", "unit", "precision", "told"),
    [
        (-4.076348709, "percent", 0.5, "−4.1 %"),  # beside "4 %": one decimal
        (-4.076348709, "percent", 0.05, "−4.08 %"),
        (-4.076348709, "percent", 0.005, "−4.08 %"),  # two at most
        (-4.076348709, "percent", 0.0005, "−4.076 %"),  # but for a claim that has more
        (-0.001, "percent", 0.5, "0 %"),
        (-4.076348709, "percent", 50.0, "−4.1 %"),
        (80_500, "USD", 50.0, "$80,500"),
        (80_012.34, "USD", 50.0, "$80,012"),
        (5.0, "USD", 5.0, "$5"),
        (2.5, "USD", 2.5, "$2.50"),
        (80_500, "USD", 0.5, "$80,500.00"),
        (2.68e12, "USD", 5e9, "$2.680 T"),
    ],
)
def test_a_figure_beside_a_claim_is_as_exact_as_the_claim_deserves(value, unit, precision, told) -> None:
    assert words.quantity(value, unit, precision) == told


def test_a_claims_own_percentage_keeps_its_decimals() -> None:
    assert verdicts.stated(SimpleNamespace(unit="percent", precision=5.0), 61.525) == "61.525 %"


def test_an_assumed_time_is_called_assumed() -> None:
    day = pd.Timestamp("2025-03-28", tz="UTC")
    claim = SimpleNamespace(modality="current", as_of=day, as_of_end=day + pd.Timedelta(days=1), as_of_assumed=True)
    assert verdicts.stated_for(claim) == (
        "current, assumed: 28 March 2025, the earliest day it can have been published"
    )
    claim.as_of_assumed = False
    assert verdicts.stated_for(claim) == "current, stated for 2025-03-28 00:00 to 2025-03-29 00:00 UTC"


# ── the articles of a story ───────────────────────────────────────────────────────────────────────────


def test_the_same_article_again_is_called_so_and_is_no_other_one() -> None:
    noon = pd.Timestamp("2025-03-28 12:00:10", tz="UTC")
    told = pd.DataFrame(
        [
            ("first", "Alpha", "A title", noon, "original"),
            ("again", "Alpha", "A title", noon + pd.Timedelta(seconds=40), "syndicated"),  # 12:00:50
            ("next minute", "Alpha", "A title", noon + pd.Timedelta(seconds=50), "rewritten"),
            ("other title", "Alpha", "Another", noon, "rewritten"),
            ("other publisher", "Beta", "A title", noon, "syndicated"),
            ("undated", "Alpha", "A title", pd.NaT, "rewritten"),
        ],
        columns=["article_id", "publisher", "title", "published_at", "relation"],
    )
    assert told.loc[repeats(told, "first"), "article_id"].tolist() == ["again"]
    assert not repeats(told, "undated").any()  # an unknown time is no minute
    assert not repeats(told, "not stored").any()
    assert shown_relations(told, "first").tolist() == [
        "original",
        "syndicated (same publisher)",
        *told["relation"].iloc[2:],
    ]


@pytest.mark.parametrize(("outcome", "told"), [("used", "no bars finer than 1h here"), ("gaps", "–")])
def test_a_move_that_the_bars_cannot_resolve_says_so(outcome: str, told: str) -> None:
    row = {"outcome": outcome, "resolution_s": 3600, "moves_resolution_s": 3600, "log_return_m1h": float("nan")}
    assert move_told(pd.Series(row), "m1h") == told
    assert move_told(pd.Series({**row, "log_return_m1h": 0.0}), "m1h") == "• +0.00 %"


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [(3600, 3600, "1 h"), (0, 86_400, "up to 1 day"), (3600, 7200, "1 h to 2 h"), (float("nan"), 5, "–")],
)
def test_a_length_of_time_known_to_a_range(least: float, most: float, told: str) -> None:
    assert words.between(least, most) == told


def test_a_long_list_names_the_first_and_counts_the_rest() -> None:
    assert words.some(["a", "b", "c"], 2) == "a, b and 1 more"
    assert words.some([], 2) == "–"


def test_a_quote_stands_in_its_sentence() -> None:
    text = "First one. Bitcoin was at $80,500 on Friday, he said. Third."
    assert around(text, text.index("$80,500"), "$80,500") == ("Bitcoin was at ", " on Friday, he said.")


def test_a_quote_that_the_text_no_longer_holds_stands_alone() -> None:
    assert around("Rewritten since.", 4, "$80,500") == ("", "")


def test_a_sentence_without_end_is_cut_on_both_sides() -> None:
    text = "x" * 5000 + "$5" + "y" * 5000
    before, after = around(text, 5000, "$5")
    assert before == "… " + "x" * 280
    assert after == "y" * 280 + " …"

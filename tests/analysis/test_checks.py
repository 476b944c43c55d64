"""Verdicts by hand: what a source recorded over the span a figure is stated for, and whether the figure fits."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.checks import Stated, check

DAY, HOUR = 86_400, 3600
MARCH_28 = pd.Timestamp("2025-03-28", tz="UTC")
T = 1e12


def day(number: int) -> pd.Timestamp:
    return pd.Timestamp(2025, 3, number, tz="UTC")


def bar(start, low, high, value, *, source="tradingview", definition="top-125", seconds=DAY) -> dict:
    end = start + pd.Timedelta(seconds=seconds)
    return {
        "source": source,
        "definition": definition,
        "start": start,
        "end": end,
        "low": low,
        "high": high,
        "value": value,
        "resolution_s": seconds,
        "available_at": end,
    }


def reading(at, value, *, source="coingecko", definition="all-coins", seconds=DAY, available_at=None) -> dict:
    return {
        "source": source,
        "definition": definition,
        "start": at,
        "end": at,
        "low": value,
        "high": value,
        "value": value,
        "resolution_s": seconds,
        "available_at": available_at or at,
    }


def stated(value, precision, *, start=MARCH_28, end=None, comparator="eq", open_ended=False) -> Stated:
    return Stated(value, precision, comparator, start, start + pd.Timedelta(days=1) if end is None else end, open_ended)


def verdict(claim: Stated, *observations: dict) -> str:
    found = check(claim, pd.DataFrame(observations))
    assert len(found) == 1
    return found["verdict"][0]


# TradingView's CRYPTOCAP:TOTAL and CoinGecko's total as the shared data has them (docs/DESIGN.md, "Verdicts").
TRADINGVIEW = [
    bar(day(27), 2.759116e12, 2.829942e12, 2.802887e12),
    bar(day(28), 2.671234914642e12, 2.812624528374e12, 2.701608601518e12),
    bar(day(29), 2.602334436599e12, 2.712378367534e12, 2.636059926446e12),
    bar(day(30), 2.55e12, 2.66e12, 2.6e12),
]
COINGECKO = [
    reading(day(28), 2.950543179795e12),
    reading(day(29), 2.841814641961e12),
    reading(day(30), 2.773383203698e12),
]


def test_the_founding_case():
    """$2.68 trillion, known to be of 28 March 2025 at the earliest."""
    found = check(stated(2.68 * T, 0.005 * T, open_ended=True), pd.DataFrame(TRADINGVIEW + COINGECKO)).set_index(
        "source"
    )
    assert found["verdict"].to_dict() == {"tradingview": "matches", "coingecko": "another definition"}
    trading = found.loc["tradingview"]
    assert (trading["low_usd"], trading["high_usd"]) == (2.671234914642e12, 2.812624528374e12)
    assert trading["value_usd"] == 2.701608601518e12
    assert trading["difference"] == pytest.approx(2.68 / 2.701608601518 - 1)  # −0.8 %
    assert trading["resolution_s"] == DAY
    # It fits the 29th too (2.602–2.712), and not the 30th (2.55–2.66).
    assert trading["also_matches"] == "2025-03-29"
    # CoinGecko's readings at the start and the end of the day: 2.84 to 2.95.
    assert found.loc["coingecko", "low_usd"] == 2.841814641961e12
    assert found.loc["coingecko", "high_usd"] == 2.950543179795e12


def test_other_days_are_listed_only_where_the_day_is_not_known():
    assert check(stated(2.68 * T, 0.005 * T), pd.DataFrame(TRADINGVIEW))["also_matches"][0] is None


def test_without_the_other_universe_it_differs():
    found = check(stated(2.68 * T, 0.005 * T), pd.DataFrame(COINGECKO))
    assert found["verdict"].to_list() == ["differs"]
    assert found["difference"][0] == pytest.approx(2.68 / 2.841814641961 - 1)


RANGE = bar(MARCH_28, 2.70 * T, 2.80 * T, 2.75 * T)


@pytest.mark.parametrize(
    ("value", "precision", "expected"),
    [
        (2.75, 0.005, "matches"),
        (2.70, 0.005, "matches"),
        (2.695, 0.005, "matches"),  # 2.695 + 0.005 reaches 2.70
        (2.69, 0.005, "differs"),  # up to 2.695
        (2.69, 0.05, "matches"),  # stated as "2.7", say
        (2.805, 0.005, "matches"),
        (2.81, 0.005, "differs"),
        (2.8100, 0.00005, "differs"),
        (3.0, 0.5, "matches"),  # "3 trillion": 2.5 to 3.5
    ],
)
def test_the_stated_digits_decide_what_matches(value, precision, expected):
    assert verdict(stated(value * T, precision * T), RANGE) == expected


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        ("lt", 2.71, "matches"),  # a low of 2.70 lies under 2.71
        ("lt", 2.70, "differs"),
        ("lt", 9.0, "matches"),
        ("gt", 2.79, "matches"),
        ("gt", 2.80, "differs"),
        ("gt", 1.0, "matches"),
        ("approx", 2.675, "matches"),  # 1 % of 2.675 is 0.02675: up to 2.70175
        ("approx", 2.67, "differs"),  # up to 2.6967
        ("approx", 2.828, "matches"),  # 2.828 − 0.02828 = 2.79972
        ("approx", 2.829, "differs"),  # 2.829 − 0.02829 = 2.80071
        ("eq", 2.675, "differs"),
    ],
)
def test_comparators(comparator, value, expected):
    assert verdict(stated(value * T, 0.0005 * T, comparator=comparator), RANGE) == expected


def test_roughly_keeps_a_coarser_precision():
    # "roughly 3 trillion", half of the last digit is 0.5: more than 1 %.
    assert verdict(stated(3.0 * T, 0.5 * T, comparator="approx"), RANGE) == "matches"


def test_the_noise_of_a_sum_of_floats_is_no_difference():
    assert verdict(stated(0.3, 0.0), bar(MARCH_28, 0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2)) == "matches"


def test_a_series_coarser_than_the_question_cannot_answer():
    weekly = bar(day(24), 2.7 * T, 2.8 * T, 2.75 * T, seconds=7 * DAY)
    found = check(stated(2.75 * T, 0.005 * T), pd.DataFrame([weekly]))
    assert found["verdict"].to_list() == ["cannot check"]
    assert "every week" in found["note"][0]
    assert pd.isna(found["value_usd"][0])
    assert pd.isna(found["available_at"][0])


def test_a_daily_bar_cannot_say_what_was_at_an_instant_and_an_hourly_one_can():
    noon = MARCH_28 + pd.Timedelta("12h30min")
    instant = stated(2.75 * T, 0.005 * T, start=noon, end=noon)
    assert verdict(instant, RANGE) == "cannot check"
    hourly = bar(MARCH_28 + pd.Timedelta("12h"), 2.74 * T, 2.76 * T, 2.75 * T, seconds=HOUR)
    assert verdict(instant, hourly) == "matches"


def test_an_instant_is_answered_by_a_reading_at_most_an_hour_old():
    instant = stated(2.75 * T, 0.005 * T, start=MARCH_28, end=MARCH_28)
    for minutes, expected in ((0, "matches"), (60, "matches"), (61, "cannot check"), (-1, "cannot check")):
        at = MARCH_28 - pd.Timedelta(minutes=minutes)
        found = check(instant, pd.DataFrame([reading(at, 2.75 * T, seconds=300)]))
        assert found["verdict"].to_list() == [expected], minutes
        if expected == "matches":
            assert found["age_s"][0] == minutes * 60


def test_an_instant_is_the_hour_up_to_it_since_a_text_is_written_before_it_is_published():
    instant = stated(2.75 * T, 0.005 * T, start=MARCH_28, end=MARCH_28)
    opens = bar(MARCH_28, 2.74 * T, 2.76 * T, 2.75 * T, seconds=HOUR)
    closes = bar(MARCH_28 - pd.Timedelta("1h"), 2.74 * T, 2.76 * T, 2.75 * T, seconds=HOUR)
    assert verdict(instant, opens) == "matches"
    assert verdict(instant, closes) == "matches"
    an_hour_before = bar(MARCH_28 - pd.Timedelta("2h"), 2.74 * T, 2.76 * T, 2.75 * T, seconds=HOUR)
    assert verdict(instant, an_hour_before) == "cannot check"


def test_bars_of_the_days_around_do_not_count():
    assert (
        verdict(
            stated(2.75 * T, 0.005 * T),
            bar(day(27), 2.7 * T, 2.8 * T, 2.75 * T),
            bar(day(29), 2.7 * T, 2.8 * T, 2.75 * T),
        )
        == "cannot check"
    )
    assert check(stated(2.75 * T, 0.005 * T), pd.DataFrame([bar(day(27), 1, 1, 1)]))["note"].to_list() == [
        "Nothing recorded at that time."
    ]


def test_the_range_is_over_all_bars_of_the_span_and_the_value_is_the_last():
    found = check(
        stated(2.6 * T, 0.005 * T),
        pd.DataFrame(
            [
                bar(
                    MARCH_28 + pd.Timedelta(hours=h),
                    (2.9 - h / 100) * T,
                    (2.95 - h / 100) * T,
                    (2.93 - h / 100) * T,
                    seconds=HOUR,
                )
                for h in (23, 0, 12)
            ]
        ),
    ).iloc[0]
    assert found["low_usd"] == pytest.approx(2.67 * T)
    assert found["high_usd"] == pytest.approx(2.95 * T)
    assert found["value_usd"] == pytest.approx(2.70 * T)
    assert (found["resolution_s"], found["verdict"], found["age_s"]) == (HOUR, "differs", 0)


def test_a_check_is_known_when_the_last_observation_it_used_had_been_published():
    late = pd.Timestamp("2025-04-02", tz="UTC")
    found = check(
        stated(2.75 * T, 0.005 * T),
        pd.DataFrame(
            [reading(day(28), 2.7 * T), reading(day(29), 2.8 * T, available_at=late), reading(day(30), 9 * T)]
        ),
    )
    assert found["available_at"].to_list() == [late]


def test_each_source_and_definition_has_its_own_row():
    found = check(
        stated(2.75 * T, 0.005 * T),
        pd.DataFrame(
            [
                RANGE,
                *(reading(day(n), 2.9 * T) for n in (28, 29)),
                *(reading(day(n), 2.75 * T, definition="top-500") for n in (28, 29)),
            ]
        ),
    )
    assert found[["source", "definition", "verdict"]].to_numpy().tolist() == [
        ["coingecko", "all-coins", "another definition"],
        ["coingecko", "top-500", "matches"],
        ["tradingview", "top-125", "matches"],
    ]


def test_one_that_cannot_be_checked_does_not_become_another_definition():
    found = check(stated(2.75 * T, 0.005 * T), pd.DataFrame([RANGE, reading(day(12), 2.9 * T)])).set_index("source")
    assert found["verdict"].to_dict() == {"tradingview": "matches", "coingecko": "cannot check"}


@pytest.mark.shared
def test_the_founding_case_on_the_published_series(shared):
    """The same verdicts from the files themselves."""
    trading = pd.read_csv(shared / "data/total_marketcap_tradingview_2025-02-28_04-15.csv", parse_dates=["date_utc"])
    trading["start"] = trading["date_utc"].dt.tz_localize("UTC")
    gecko = pd.read_csv(shared / "data/total_marketcap_coingecko_1d_2013_2025.csv.gz")
    gecko["at"] = pd.to_datetime(gecko.iloc[:, 0], utc=True, format="ISO8601")
    rows = [bar(row.start, row.low, row.high, row.close) for row in trading.itertuples()]
    rows += [
        reading(at, value)
        for at, value in zip(gecko["at"], gecko.iloc[:, 1], strict=True)
        if pd.Timestamp("2025-02-28", tz="UTC") <= at <= pd.Timestamp("2025-04-16", tz="UTC")
    ]
    found = check(stated(2.68 * T, 0.005 * T, open_ended=True), pd.DataFrame(rows)).set_index("source")
    assert found["verdict"].to_dict() == {"tradingview": "matches", "coingecko": "another definition"}
    assert found.loc["tradingview", "also_matches"].split(", ")[0] == "2025-03-29"


def test_readings_that_do_not_reach_over_the_span_do_not_tell_its_range():
    for at in ([day(28)], [day(29)], [day(28) + pd.Timedelta(hours=12)]):
        found = check(stated(2.9 * T, 0.005 * T), pd.DataFrame([reading(one, 3 * T, seconds=600) for one in at])).iloc[
            0
        ]
        assert found["verdict"] == "cannot check"
        assert found["note"] == "Too few values recorded over that time to tell its range."


def test_markets_are_no_universes():
    """An exchange whose price does not fit differs; that another one's does is no other definition."""
    bars = [
        RANGE,
        {**RANGE, "source": "kraken", "definition": "BTC/USD", "low": 3 * T, "high": 4 * T, "value": 3.5 * T},
    ]
    found = check(stated(2.75 * T, 0.005 * T), pd.DataFrame(bars), universes=False)
    assert found["verdict"].to_list() == ["differs", "matches"]


def test_another_definition_is_known_only_once_the_one_that_matches_is():
    late = pd.Timestamp("2025-04-20", tz="UTC")
    bars = [{**RANGE, "available_at": late}, {**RANGE, "source": "a", "low": 3 * T, "high": 4 * T, "value": 3.5 * T}]
    found = check(stated(2.75 * T, 0.005 * T), pd.DataFrame(bars)).set_index("source")
    assert found.loc["a", "verdict"] == "another definition"
    assert found.loc["a", "available_at"] == late


def percent_stated(value, precision, *, comparator="eq", start=MARCH_28, end=None) -> Stated:
    span = start + pd.Timedelta(days=1) if end is None else end
    return Stated(value, precision, comparator, start, span, unit="percent")


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        ("eq", -4.2, "matches"),
        ("eq", 4.2, "differs"),  # it fell
        ("eq", -5.1, "matches"),  # −5.1 + 0.05 reaches −5.05
        ("eq", -5.2, "differs"),
        ("gt", -4.9, "matches"),  # fell more than 4.9 %: to −5.05
        ("gt", -5.1, "differs"),
        ("lt", -3.2, "matches"),  # fell less than 3.2 %: −3
        ("lt", -3.0, "differs"),
        ("lt", -9.0, "matches"),
    ],
)
def test_of_a_fall_more_and_less_are_of_its_size(comparator, value, expected):
    """Recorded −5.05 % to −3 %."""
    recorded = [reading(day(28), -3.0), reading(day(29), -5.05)]
    found = check(percent_stated(value, 0.05, comparator=comparator), pd.DataFrame(recorded)).iloc[0]
    assert found["verdict"] == expected
    assert (found["low_percent"], found["high_percent"], found["value_percent"]) == (-5.05, -3.0, -5.05)
    assert found["difference_points"] == pytest.approx(value + 5.05)
    assert found[["value_usd", "low_usd", "high_usd", "difference"]].isna().all()


def test_what_is_recorded_only_for_a_part_of_the_span_can_match_and_cannot_differ():
    first_hour = bar(MARCH_28, 2.70 * T, 2.71 * T, 2.70 * T, seconds=HOUR)
    assert verdict(stated(2.70 * T, 0.005 * T), first_hour) == "matches"
    found = check(stated(2.75 * T, 0.005 * T), pd.DataFrame([first_hour])).iloc[0]
    assert (found["verdict"], found["note"]) == ("cannot check", "Recorded for a part of that time only.")


def test_a_value_too_old_for_an_instant_stands_beside_it_with_its_age():
    noon = MARCH_28 + pd.Timedelta("12h")
    found = check(stated(2.75 * T, 0.005 * T, start=noon, end=noon), pd.DataFrame([reading(MARCH_28, 2.7 * T)])).iloc[0]
    assert (found["verdict"], found["value_usd"], found["age_s"], found["resolution_s"]) == (
        "cannot check",
        2.7 * T,
        12 * HOUR,
        DAY,
    )
    assert found["note"] == "Recorded every day: the last value before, $2.700 T, was 12 hours old."
    assert pd.isna(found["low_usd"])
    assert found["available_at"] == MARCH_28

"""What an event study promises: bars, outcomes, clusters, nothing from the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.event_study import OUTCOMES, event_study
from analysis.study_many import adjusted
from analysis.study_models import leave_one_out
from analysis.study_power import minimum_detectable
from analysis.study_season import hour_of_week_scale

SETTINGS = {"model": "mean_adjusted", "estimation": 20, "gap": 2, "window": (0, 3)}
DESCRIBED = ["t", "n", "aar", "aar_se", "caar", "caar_se"]


def noise(bars: int = 400, assets: str = "AB", seed: int = 0, freq: str = "D") -> pd.DataFrame:
    index = pd.date_range("2024-01-01", periods=bars, freq=freq, tz="UTC")
    values = np.random.default_rng(seed).normal(0, 0.01, (bars, len(assets)))
    return pd.DataFrame(values, index=index, columns=list(assets))


def events_at(returns: pd.DataFrame, rows: list[tuple]) -> pd.DataFrame:
    """Rows of (event, asset, position of bar 0)."""
    frame = pd.DataFrame(rows, columns=["event_id", "asset", "position"])
    return frame.assign(bar=returns.index[frame["position"].astype(int)]).drop(columns="position")


def spread(returns: pd.DataFrame, count: int, step: int = 30, first: int = 40) -> pd.DataFrame:
    return events_at(returns, [(n, "A", first + n * step) for n in range(count)])


# ------------------------------------------------------------------------------------------------ bar 0


def test_bar_0_is_the_first_that_opens_at_or_after_the_story_was_known():
    returns = noise(freq="h")
    known = pd.to_datetime(
        ["2024-01-05 10:00", "2024-01-06 10:00:01", "2024-01-07 10:59:59.999999"], utc=True, format="ISO8601"
    )
    events = pd.DataFrame({"event_id": [1, 2, 3], "asset": "A", "known_at": known})
    found = event_study(returns, None, events, **SETTINGS)
    opens = pd.to_datetime(["2024-01-05 10:00", "2024-01-06 11:00", "2024-01-07 11:00"], utc=True)
    assert list(found.outcomes["bar"]) == list(opens)
    assert list(found.outcomes["wait_s"].round(6)) == [0, 3599, 0.000001]


def test_the_bar_that_contains_the_publication_is_reported_apart_and_never_estimated_from():
    returns = noise(freq="h")
    known = pd.to_datetime(["2024-01-05 10:00", "2024-01-06 10:30"], utc=True)
    returns.loc["2024-01-06 10:00", "A"] = 5.0  # as the story broke
    events = pd.DataFrame({"event_id": [1, 2], "asset": "A", "known_at": known})
    found = event_study(
        returns, None, events, model="mean_adjusted", estimation=20, gap=0, window=(0, 3), cluster=False
    )
    assert found.contaminated["event_id"].tolist() == [2]  # at the open of bar 0 no bar was under way
    assert found.contaminated["bar"].tolist() == [pd.Timestamp("2024-01-06 10:00", tz="UTC")]
    assert found.contaminated["ar"].item() == pytest.approx(5.0, abs=0.02)
    assert (found.per_event["sigma"] < 0.02).all()
    assert found.outcomes["est_n"].tolist() == [20, 19]


def test_a_story_in_an_outage_has_no_contaminated_bar():
    returns = noise(freq="h")
    returns = returns.drop(returns.index[105:130])
    known = pd.DatetimeIndex([returns.index[104] + pd.Timedelta(hours=5)])
    events = pd.DataFrame({"event_id": [1], "asset": "A", "known_at": known})
    found = event_study(returns, None, events, **SETTINGS)
    assert found.outcomes["bar"].item() == returns.index[105]
    assert found.outcomes["contaminated_bar"].isna().item()
    assert found.outcomes["wait_s"].item() == 21 * 3600  # 26 hours after the last bar's open, known at 5


# ------------------------------------------------------------------------------------------------ outcomes


def test_every_event_has_an_outcome_and_the_counts_add_up():
    returns = noise()
    returns["FLAT"] = 0.0
    returns["HALF"] = returns["A"].where(np.arange(400) % 2 == 0)
    returns.loc[returns.index[200:204], "B"] = np.nan
    rows = [
        ("used", "A", 100),
        ("too_few_observations", "HALF", 150),
        ("no_variation", "FLAT", 150),
        ("no_returns_in_window", "B", 200),
        ("window_outside_data", "A", 398),
        ("no_asset", "NONE", 150),
        ("used", "A", 100),
    ]
    events = events_at(returns, rows)
    extra = pd.DataFrame(
        {"event_id": ["no_bar", "no_time"], "asset": "A", "bar": [pd.Timestamp("1999", tz="UTC"), pd.NaT]}
    )
    events = pd.concat([events, extra], ignore_index=True)
    found = event_study(returns, None, events, **SETTINGS)
    expected = events["event_id"].tolist()
    expected[6] = "duplicate"
    assert found.outcomes["outcome"].tolist() == expected
    assert set(found.counts) == set(OUTCOMES)
    assert sum(found.counts.values()) == len(events)
    assert found.per_event["event_id"].unique().tolist() == ["used"]
    assert "1 of 9 events are in the study" in found.warnings[0]


def test_events_before_enough_history_are_too_few_observations_and_not_dropped():
    returns = noise()
    found = event_study(returns, None, events_at(returns, [(1, "A", 10), (2, "A", 16)]), **SETTINGS, cluster=False)
    # 8 and 14 of 20 bars lie before: 60 % are 12
    assert found.outcomes["outcome"].tolist() == ["too_few_observations", "used"]
    assert found.outcomes["est_n"].tolist() == [8, 14]


def test_no_events_and_no_usable_events_give_an_empty_study():
    returns = noise()
    for events in (events_at(returns, []), events_at(returns, [(1, "NONE", 50)])):
        found = event_study(returns, None, events, **SETTINGS)
        assert len(found.per_event) == 0
        assert found.aggregate["n"].tolist() == [0] * 4
        assert found.headline.reason
        assert np.isnan(found.headline.p)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "magic"}, "model is one of"),
        ({"model": "market"}, "needs a benchmark"),
        ({"gap": -1}, "gap"),
        ({"window": (3, 0)}, "window"),
        ({"min_obs": 0}, "min_obs"),
        ({"overlap": "some"}, "overlap"),
    ],
)
def test_what_does_not_fit_is_said(change, message):
    returns = noise()
    with pytest.raises(ValueError, match=message):
        event_study(returns, None, spread(returns, 3), **(SETTINGS | change))


def test_naive_and_aware_times_do_not_mix():
    returns = noise(freq="h")
    events = pd.DataFrame({"event_id": [1], "asset": "A", "known_at": pd.to_datetime(["2024-01-05"])})
    with pytest.raises(ValueError, match="aware"):
        event_study(returns, None, events, **SETTINGS)


# ------------------------------------------------------------------------------------------------ benchmarks


def test_a_benchmark_a_column_is_each_assets_own():
    returns = noise(assets="ABC")
    own = leave_one_out(returns)
    assert own.loc[returns.index[7], "A"] == pytest.approx((returns["B"].iloc[7] + returns["C"].iloc[7]) / 2)
    events = events_at(returns, [(1, "A", 100), (2, "B", 200)])
    both = event_study(returns, own, events, model="market", estimation=30, gap=0, window=(0, 3), cluster=False)
    for number, asset in ((1, "A"), (2, "B")):
        alone = event_study(
            returns,
            own[asset],
            events[events["event_id"] == number],
            model="market",
            estimation=30,
            gap=0,
            window=(0, 3),
            cluster=False,
        )
        kept = both.per_event[both.per_event["event_id"] == number].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, alone.per_event)


def test_a_benchmark_on_other_rows_is_put_on_the_returns_rows():
    returns = noise()
    market = noise(seed=5)["A"]
    settings_ = SETTINGS | {"model": "market_adjusted"}
    found = event_study(returns, market.iloc[::-1], spread(returns, 6), **settings_)
    same = event_study(returns, market, spread(returns, 6), **settings_)
    pd.testing.assert_frame_equal(found.per_event, same.per_event)


# ------------------------------------------------------------------------------------------------ clusters


def test_overlapping_windows_on_one_asset_are_one_cluster_and_a_chain_passes_on():
    returns = noise()
    rows = [(1, "A", 100), (2, "A", 103), (3, "A", 106), (4, "A", 110), (5, "A", 200)]  # windows of 4 bars
    found = event_study(returns, None, events_at(returns, rows), **SETTINGS)
    assert found.outcomes["cluster"].tolist() == [0, 0, 0, 1, 2]
    assert found.clusters["events"].tolist() == [3, 1, 1]
    assert "3 of 5 events share bars" in " ".join(found.warnings)


def test_nothing_after_an_event_is_in_its_estimation_where_the_window_begins_late():
    returns = noise()
    returns.iloc[100:103, 0] += 1.0
    found = event_study(returns, None, events_at(returns, [(1, "A", 100)]), **(SETTINGS | {"gap": 0, "window": (3, 5)}))
    assert found.outcomes["est_n"].item() == 17
    assert (found.per_event["sigma"] < 0.02).all()


def test_overlap_on_other_assets_counts_unless_told_otherwise():
    returns = noise()
    events = events_at(returns, [(1, "A", 100), (2, "B", 101), (3, "A", 200)])
    assert event_study(returns, None, events, **SETTINGS).outcomes["cluster"].tolist() == [0, 0, 1]
    assert event_study(returns, None, events, **SETTINGS, overlap="asset").outcomes["cluster"].tolist() == [0, 1, 2]


def test_assets_of_one_event_are_averaged_before_anything_is_tested():
    """With equal σ a portfolio's SCAR is that of the mean return, an event of its own."""
    returns = noise(assets="AB")
    half = returns.index[:130]
    returns["B"] = returns["B"].where(returns.index.isin(half), returns["A"])  # later on B is A
    rows = [(n, asset, 160 + 25 * n) for n in range(6) for asset in "AB"]
    both = event_study(returns, None, events_at(returns, rows), **SETTINGS)
    one = event_study(returns, None, events_at(returns, rows[::2]), **SETTINGS)
    assert both.headline.clusters == one.headline.clusters == 6
    assert both.headline.t == pytest.approx(one.headline.t, abs=1e-9)
    np.testing.assert_allclose(both.aggregate, one.aggregate, atol=1e-9)
    naive = event_study(returns, None, events_at(returns, rows), **SETTINGS, cluster=False)
    assert naive.aggregate["n"].tolist() == [12] * 4


def test_a_portfolio_of_assets_that_move_apart_has_variance_1_too():
    bars, assets = 4000, "ABCDEFGH"
    returns = noise(bars, assets)
    rows = [(n, asset, 200 + 30 * n) for n in range(120) for asset in assets]
    found = event_study(returns, None, events_at(returns, rows), **(SETTINGS | {"estimation": 100}), placebo=0)
    # eight independent assets: a plain mean of their SCARs has a standard deviation of 1/√8 = 0.35
    assert found.clusters["scar"].std() == pytest.approx(1, abs=0.2)


def test_assets_that_are_their_own_benchmark_are_warned_about():
    returns = noise(assets="ABCD") + noise(assets="M", seed=9).to_numpy()
    rows = [(n, asset, 60 + 40 * n) for n in range(6) for asset in "ABCD"]
    arguments = SETTINGS | {"model": "market"}
    found = event_study(returns, leave_one_out(returns), events_at(returns, rows), **arguments)
    assert "cancels out" in " ".join(found.warnings)
    found = event_study(returns, leave_one_out(returns), events_at(returns, rows[::4] + rows[1::4]), **arguments)
    assert "cancels out" not in " ".join(found.warnings)


def test_other_events_windows_are_kept_out_of_the_estimation():
    returns = noise()
    returns.iloc[90:94, 0] += 1.0
    events = events_at(returns, [(1, "A", 90), (2, "A", 100)])
    apart = event_study(returns, None, events, **SETTINGS).per_event.set_index(["event_id", "t"])
    plain = event_study(returns, None, events, **SETTINGS, cluster=False).per_event.set_index(["event_id", "t"])
    assert apart.loc[(2, 0), "est_n"] == 16
    assert apart.loc[(2, 0), "sigma"] < 0.02
    assert plain.loc[(2, 0), "sigma"] > 0.2
    other = event_study(returns, None, events.assign(asset=["B", "A"]), **SETTINGS).per_event
    assert other.loc[other["event_id"] == 2, "est_n"].iloc[0] == 20


def test_fewer_than_five_clusters_are_described_only():
    returns = noise()
    four = event_study(returns, None, spread(returns, 4), **SETTINGS)
    assert four.headline.clusters == 4
    assert "fewer than 5" in four.headline.reason
    assert np.isnan([four.headline.t, four.headline.p, four.headline.placebo_p, four.scalars["grank_t"]]).all()
    assert four.aggregate.drop(columns=DESCRIBED).isna().all(axis=None)
    assert four.aggregate[DESCRIBED].notna().all(axis=None)
    five = event_study(returns, None, spread(returns, 5), **SETTINGS)
    assert five.headline.reason == ""
    assert np.isfinite([five.headline.t, five.headline.p, five.headline.placebo_p]).all()


def test_the_headline_is_the_t_test_of_the_clusters_scar():
    from scipy import stats

    returns = noise()
    found = event_study(returns, None, spread(returns, 9), **SETTINGS)
    t, p = stats.ttest_1samp(found.per_event.loc[found.per_event["t"] == 3, "scar"], 0)
    assert found.headline.t == pytest.approx(t)
    assert found.headline.p == pytest.approx(p)
    assert found.aggregate["bmp_t_car"].iloc[-1] == pytest.approx(t)


# ------------------------------------------------------------------------------------------------ placebo


def test_an_effect_is_found_by_both_headline_tests_and_the_placebo_is_seeded():
    returns = noise(2000)
    events = spread(returns, 20, step=90)
    for bar in events["bar"]:
        returns.loc[bar, "A"] += 0.03
    found = event_study(returns, None, events, **SETTINGS)
    assert found.headline.p < 1e-4
    assert found.headline.placebo_p == pytest.approx(1 / 10_000)  # none of 9,999
    assert found.placebo.draws == 9999
    assert found.headline.caar == pytest.approx(0.03, abs=0.01)
    again = event_study(returns, None, events, **SETTINGS)
    assert again.headline == found.headline
    falls = event_study(-returns, None, events, **SETTINGS).headline  # both tests look both ways
    assert (falls.t, falls.p, falls.placebo_p) == pytest.approx((-found.headline.t, found.headline.p, 1 / 10_000))
    band = found.placebo.band
    assert band["t"].tolist() == [0, 1, 2, 3]
    # four bars of 1 % noise, twenty clusters: ±1.96 · 2 % / √20, and a little for the estimated mean
    assert band["high"].iloc[-1] == pytest.approx(1.96 * 0.02 / 20**0.5, rel=0.2)


def test_placebo_dates_are_of_the_same_hour_of_the_week():
    """Prices jump every Monday at 14:00: an event there is nothing new, one at another hour is."""
    returns = noise(24 * 7 * 60, "A", freq="h")
    monday = (returns.index.day_of_week == 0) & (returns.index.hour == 14)
    returns.loc[monday, "A"] += 0.05
    at = np.flatnonzero(monday)[10:58:6]
    arguments = {"model": "mean_adjusted", "estimation": 120, "gap": 2, "window": (0, 0), "seasonal": False}
    usual = event_study(returns, None, events_at(returns, [(n, "A", bar) for n, bar in enumerate(at)]), **arguments)
    assert usual.headline.p < 0.001
    assert usual.headline.placebo_p > 0.05
    assert usual.placebo.matched["volatility"] == usual.placebo.matched["any date"] == 0
    other = event_study(returns, None, events_at(returns, [(n, "A", bar + 5) for n, bar in enumerate(at)]), **arguments)
    assert other.headline.placebo_p > 0.001


def test_the_rolling_study_of_every_bar_is_the_study_of_that_bar():
    """The placebo's running sums against the events' own formulas, with holes, every model, with and without season."""
    from analysis.study_placebo import Bars, Rolling

    returns = noise(24 * 7 * 6, "AM", freq="h")
    returns = returns.mask(np.random.default_rng(1).random(returns.shape) < 0.02)
    market = returns.pop("M")
    at = np.arange(200, 900, 50)
    for model in ("market", "market_adjusted", "mean_adjusted"):
        for seasonal in (False, True):
            events = events_at(returns, [(n, "A", bar) for n, bar in enumerate(at)])
            arguments = {"model": model, "estimation": 120, "gap": 3, "window": (-2, 5)}
            found = event_study(returns, market, events, **arguments, cluster=False, seasonal=seasonal)
            own, other = returns.to_numpy().T, market.to_numpy()[None, :]
            scale = hour_of_week_scale(returns.index, own.T).T if seasonal else None
            bars = Bars(returns.index, own, other, np.ones(own.shape, dtype=bool), scale)
            rolled = Rolling.of(bars, 0, model, 120, 3, (-2, 5), 0.6)
            scar = found.per_event.loc[found.per_event["t"] == 5, "scar"].to_numpy()
            assert np.isfinite(scar).sum() > 5
            np.testing.assert_allclose(rolled.scar[at], scar, atol=1e-9)
            car = found.per_event.pivot(index="event_id", columns="t", values="car").to_numpy()
            whole = np.isfinite(scar)
            np.testing.assert_allclose(rolled.path(at, 8)[whole], car[whole], atol=1e-12)


# ------------------------------------------------------------------------------------------------ the rest


def test_the_hour_of_week_is_learned_and_only_from_earlier_weeks():
    returns = noise(24 * 7 * 60, "A", freq="h")
    lively = (returns.index.day_of_week == 2) & (returns.index.hour == 14)
    returns.loc[lively, "A"] *= 4
    scale = hour_of_week_scale(returns.index, returns.to_numpy())[:, 0]
    assert (scale[: 24 * 7] == 1).all()
    at = np.flatnonzero(lively)
    assert scale[at[-1]] == pytest.approx(4, rel=0.2)
    assert scale[~lively][-1000:].mean() == pytest.approx(1, abs=0.05)
    changed = returns.copy()
    changed.iloc[5000:] *= 7
    again = hour_of_week_scale(changed.index, changed.to_numpy())[:, 0]
    assert (again[: 5000 + 1] == scale[: 5000 + 1]).all()
    found = event_study(
        returns, None, events_at(returns, [(n, "A", bar) for n, bar in enumerate(at[10:50:5])]), **SETTINGS
    )
    assert "seasonal" in found.conventions
    assert found.per_event.loc[found.per_event["t"] == 0, "sar"].std() < 2


def test_the_least_detectable_effect_is_found_four_times_in_five():
    rng = np.random.default_rng(0)
    from scipy import stats

    n = 30
    effect = minimum_detectable(1 / n**0.5, n - 1)
    assert effect == pytest.approx(2.9 / n**0.5, rel=0.02)  # t 2.045 + 0.854
    draws = rng.normal(effect, 1, (4000, n))
    assert (stats.ttest_1samp(draws, 0, axis=1).pvalue < 0.05).mean() == pytest.approx(0.8, abs=0.03)
    assert np.isnan(minimum_detectable(1.0, 0))


def test_adjusted_p_values_leave_out_what_was_not_tested():
    # four tests: 0.01·4, then min over the later ones of 0.04·4/3 and 0.03·4/2
    np.testing.assert_allclose(adjusted([0.01, np.nan, 0.04, 0.03, 0.5]), [0.04, np.nan, 0.16 / 3, 0.16 / 3, 0.5])
    assert np.isnan(adjusted([np.nan])).all()
    with pytest.raises(ValueError, match="bh or by"):
        adjusted([0.1], "magic")


def assert_past_unchanged(before, after) -> None:
    pd.testing.assert_frame_equal(after.per_event, before.per_event)
    pd.testing.assert_frame_equal(after.aggregate, before.aggregate)
    pd.testing.assert_frame_equal(after.outcomes, before.outcomes)
    pd.testing.assert_frame_equal(after.clusters, before.clusters)
    pd.testing.assert_frame_equal(after.contaminated, before.contaminated)
    assert str(after.headline) == str(before.headline)
    assert after.scalars == pytest.approx(before.scalars, nan_ok=True)
    assert after.input_hash == before.input_hash
    if before.placebo is not None:
        pd.testing.assert_frame_equal(after.placebo.band, before.placebo.band)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 280), st.sampled_from("AB"), st.integers(0, 59)), min_size=1, max_size=12),
    st.sampled_from(["mean_adjusted", "market_adjusted", "market"]),
    st.booleans(),
    st.integers(1, 80),
    st.integers(0, 3),
)
def test_later_bars_change_nothing(rows, model, cluster, more, seed):
    returns = noise(300 + more, "ABM", seed=seed, freq="h")
    returns = returns.mask(np.random.default_rng(seed).random(returns.shape) < 0.05)
    market = returns.pop("M")
    returns.iloc[300:] *= 50
    known = [returns.index[bar] + pd.Timedelta(minutes=minute) for bar, _, minute in rows]
    events = pd.DataFrame({"event_id": range(len(rows)), "asset": [asset for _, asset, _ in rows], "known_at": known})
    arguments = {"model": model, "estimation": 30, "gap": 1, "window": (-2, 4), "cluster": cluster, "placebo": 99}
    before = event_study(returns.iloc[:300], market.iloc[:300], events, **arguments)
    assert_past_unchanged(before, event_study(returns, market, events, **arguments))
    assert_past_unchanged(before, event_study(returns, market.iloc[:300], events, **arguments))

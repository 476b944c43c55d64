"""Every statistic against values of the published formulas, worked out elsewhere, to 1e-8."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from study_cases import MODELS, Case, crypto, estudy2, golden, sp500, tiny

from analysis.event_study import PER_EVENT
from analysis.study_many import adjusted
from analysis.study_tests import AGGREGATE, SCALARS

pytestmark = pytest.mark.shared

CRYPTO = ("btc50_mean_log", "eth50_on_btc_adjusted_log", "eth50_on_btc_market_log")
CRYPTO += ("ftx_5alts_on_btc_market_log", "ftx_6assets_mean_log")


def assert_canon(case: Case, label: str) -> None:
    study = case.study()
    single = pd.read_csv(case.folder / f"canon_single_{label}.csv")
    assert_columns(study.per_event.set_index(["event_id", "t"]), single.set_index(["event_id", "t"]))
    table = case.folder / f"canon_agg_{label}.csv"
    if not table.exists():  # one event
        assert study.aggregate["cs_t"].isna().all()
        return
    expected = pd.read_csv(table)
    assert list(study.aggregate.columns) == list(expected.columns) == list(AGGREGATE)
    assert_columns(study.aggregate.set_index("t"), expected.set_index("t"))
    scalars = json.loads((case.folder / f"canon_scalar_{label}.json").read_text())
    assert set(study.scalars) == set(scalars) == set(SCALARS)
    assert study.scalars == pytest.approx(scalars, rel=0, abs=1e-8)


def assert_columns(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert set(found.index) == set(expected.index)
    found = found.loc[expected.index, expected.columns].astype(float)
    pd.testing.assert_frame_equal(found, expected.astype(float), rtol=0, atol=1e-8)


@pytest.mark.parametrize("label", [*CRYPTO, "single_ftx_btc_mean_log", "single_ftx_eth_market_log"])
def test_crypto_events_by_the_papers(shared, label):
    assert_canon(crypto(shared, label), label)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["complete", "missing", "holes"])
def test_late_listings_and_holes_by_the_papers(shared, name, model):
    assert_canon(estudy2(shared, name, model), model)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", ["log", "simple"])
def test_index_additions_by_the_papers(shared, model, kind):
    assert_canon(sp500(shared, model, kind), f"{model}_{kind}")


@pytest.mark.parametrize("model", MODELS)
def test_four_events_in_sixty_digit_arithmetic(shared, model):
    case = tiny(shared, model)
    study = case.study()
    exact = json.loads((case.folder / "expected.json").read_text())["expected"][model]
    by_event = {"ar": "ar", "car": "car", "sar": "sar", "scar": "scar", "ar_p": "p_ar", "car_p": "p_car"}
    for name, column in by_event.items():
        found = study.per_event.pivot(index="event_id", columns="t", values=column).to_numpy()
        np.testing.assert_allclose(found, np.array(exact[name], dtype=float), rtol=0, atol=1e-12)
    np.testing.assert_allclose(study.per_event["sigma"][::3], np.array(exact["sigma"], dtype=float), rtol=0, atol=1e-15)
    renamed = {"cs_p": "p_cs_t", "patell_p": "p_patell_z"}
    apart = {"sigma", "rbar", "grank_z", "grank_t", "grank_p", "gsign_phat", "ar_t", "car_t", *by_event}
    for name in exact.keys() - apart:
        found = study.aggregate[renamed.get(name, name)]
        np.testing.assert_allclose(found, np.array(exact[name], dtype=float), rtol=0, atol=1e-12, err_msg=name)
    for name, key in {"rbar": "rbar_event_time", "grank_z": "grank_z", "grank_t": "grank_t"}.items():
        assert study.scalars[key] == pytest.approx(float(exact[name]), rel=0, abs=1e-12)


def test_adjusted_p_values_as_r_gives_them(shared):
    expected = pd.read_csv(golden(shared) / "tiny_exact/p_adjust_R422.csv")
    np.testing.assert_allclose(adjusted(expected["p"], "bh"), expected["bh"], rtol=0, atol=1e-15)
    np.testing.assert_allclose(adjusted(expected["p"], "by"), expected["by"], rtol=0, atol=1e-15)


def test_a_model_fits_as_a_regression_with_a_dummy_for_each_window_bar_does(shared):
    """Salkever 1976: the dummy's coefficient is the abnormal return, its standard error the prediction error."""
    import statsmodels.api as sm

    case = estudy2(shared, "holes", "market")
    study = case.study().per_event.set_index(["event_id", "t"])
    start = case.returns.index.get_loc("2020-03-16")
    for asset in ("UPWK", "FB", "ZM"):
        both = pd.DataFrame({"y": case.returns[asset], "x": case.benchmark}).iloc[start - 240 : start + 5]
        dummies = np.vstack([np.zeros((240, 5)), np.eye(5)])
        design = np.column_stack([np.ones(245), both["x"], dummies])
        there = both.notna().all(axis=1).to_numpy()
        assert there[-5:].all()
        fitted = sm.OLS(both["y"][there], design[there]).fit()
        np.testing.assert_allclose(study.loc[asset, "ar"], fitted.params[2:], rtol=0, atol=1e-12)
        np.testing.assert_allclose(study.loc[asset, "s_ar"], fitted.bse[2:], rtol=0, atol=1e-12)
        whole = fitted.t_test(np.r_[0, 0, np.ones(5)])
        assert study.loc[(asset, 4), "s_car"] == pytest.approx(float(whole.sd.item()), abs=1e-12)
        assert study.loc[(asset, 4), "p_car"] == pytest.approx(float(whole.pvalue), abs=1e-12)


def test_the_columns_are_those_of_the_references(shared):
    single = pd.read_csv(golden(shared) / "crypto_daily/canon_single_btc50_mean_log.csv")
    assert list(PER_EVENT) == [*single.columns, "asset"]

"""Other packages' figures from our abnormal returns: equal to 1e-8, once the convention that differs is switched.

Where a package differs from the papers, the test does to our residuals what the package does, says so in a comment,
and then finds its figure. So each difference is that convention and nothing else. Not offered here, so not compared:
the Fama–French model, Brown–Warner 1980 and 1985, Lamb, Corrado's sign test, calendar-time t.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_cases import MODELS, Case, crypto, estudy2, golden, sp500

from analysis.event_study import event_study
from analysis.study_models import Fit, fit
from analysis.study_ranks import cowan, row_ranks, sign, wilcoxon
from analysis.study_tests import patell, t_of_mean

pytestmark = pytest.mark.shared

ESTUDY2 = {"market": "sim", "market_adjusted": "mrkt_adj", "mean_adjusted": "mean_adj"}


def close(found, expected) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=0, atol=1e-8)


def fitted(case: Case) -> tuple[Fit, np.ndarray, np.ndarray]:
    """Our fit of a case's events, and their benchmark before and around."""
    own = case.returns.to_numpy(dtype=float)
    market = case.benchmark.to_numpy(dtype=float)
    at = case.returns.index.get_indexer(case.events["bar"])
    column = case.returns.columns.get_indexer(case.events["asset"])
    around = at[:, None] + np.arange(case.window[0], case.window[1] + 1)
    before = around[:, :1] - case.gap - case.estimation + np.arange(case.estimation)
    parts = own[before, column[:, None]], market[before], own[around, column[:, None]], market[around]
    return fit(*parts, case.model), market[before], market[around]


# ------------------------------------------------------------------------------------------------ R EventStudy 0.50

R_LABELS = ["btc50_mean_log", "btc50_mean_simple", "btc50_mean_log_SAMEFIRM", "eth50_on_btc_adjusted_log"]
R_LABELS += ["eth50_on_btc_market_log", "ftx_5alts_on_btc_market_log", "ftx_6assets_mean_log"]
R_SINGLE = ["single_ftx_btc_mean_log", "single_ftx_eth_market_log"]


def r_cases(shared) -> list[tuple[str, Case]]:
    found = [(label, crypto(shared, label)) for label in R_LABELS + R_SINGLE]
    for model in MODELS:
        found += [(f"{model}_{kind}", sp500(shared, model, kind)) for kind in ("log", "simple")]
    return found


def r_sigma(case: Case, ours: Fit) -> tuple[np.ndarray, np.ndarray]:
    """σ and the prediction error. Market-adjusted: the package takes the sd about the mean, and adds 1/m."""
    if case.model != "market_adjusted":
        return ours.sigma[:, None], ours.s_ar
    sigma = np.nanstd(ours.residuals, axis=1, ddof=1)[:, None]
    return sigma, sigma * np.sqrt(1 + 1 / ours.est_n[:, None]) * np.ones_like(ours.ar)


def test_r_eventstudy_events(shared):
    for label, case in r_cases(shared):
        expected = pd.read_csv(case.folder / f"expected_single_{label}.csv")
        ours = fitted(case)[0]
        order = pd.MultiIndex.from_product([case.events["event_id"], range(case.window[0], case.window[1] + 1)])
        expected = expected.set_index(["event_id", "t"]).loc[order]
        sigma, predicted = r_sigma(case, ours)
        bars = np.sqrt(np.arange(1, ours.ar.shape[1] + 1))
        close(ours.ar.ravel(), expected["ar"])
        close(ours.car.ravel(), expected["car"])
        close(np.broadcast_to(sigma, ours.ar.shape).ravel(), expected["sigma"])
        close(predicted.ravel(), expected["fec_sigma"])
        # t statistics without the prediction error: over σ and σ √bars
        close((ours.ar / sigma).ravel(), expected["ar_t"])
        close((ours.car / sigma / bars).ravel(), expected["car_t"])
        if case.model == "market":
            close(np.repeat(ours.beta, ours.ar.shape[1]), expected["beta"])
        df = ours.df if case.model != "market_adjusted" else ours.df - 1
        close(np.repeat(df, ours.ar.shape[1]), expected["df"])


def test_r_eventstudy_tests(shared):
    for label, case in r_cases(shared):
        if label in R_SINGLE:
            continue
        table = pd.read_csv(case.folder / f"expected_agg_{label}.csv")
        table = table.pivot_table(index="t", columns=["test", "stat"], values="value")
        study, ours = case.study(), fitted(case)[0]
        found = study.aggregate
        sigma, predicted = r_sigma(case, ours)
        bars = np.arange(1, ours.ar.shape[1] + 1)
        for test in table.columns.unique(level="test"):
            close(found["aar"], table[test].get("aar", found["aar"]))
            close(found["caar"], table[test]["caar"])
            close(found["n"], table[test]["n_valid_events"])
        close(found["cs_t"], table["CSectT"]["aar_t"])
        close(found["cs_t_car"], table["CSectT"]["caar_t"])
        # One firm's events are pooled in rank and sign tests: ranks and p are per firm, not per event.
        if "SAMEFIRM" not in label:
            close(found["gsign_z"], table["GSignT"]["gsign_z"])
            close(found["gsign_z_car"], table["GSignT"]["cgsign_z"])
            # Ranks over M + 1 as in Corrado–Zivney, S with ddof 1, and a defect: the first bar's Z on every bar.
            ranks = row_ranks(np.hstack([ours.residuals, ours.ar]))
            mean = (ranks / (ranks.shape[1] + 1) - 0.5).mean(axis=0)
            close(mean[-len(bars) :], table["RankT"]["mean_rank"])
            close(np.full(len(bars), mean[-len(bars)] / mean.std(ddof=1)), table["RankT"]["rank_z"])
        close(found["sign_z"], table["SignT"]["sign_z"])
        close(found["sign_z_car"], table["SignT"]["csign_z"])
        # Patell of summed SARs; market-adjusted: with the package's σ and k = 1.
        df = ours.df if case.model != "market_adjusted" else ours.df - 1
        variance = (df / (df - 2))[:, None]
        close(patell(ours.ar / predicted, df), table["PatellZ"]["aar_z"])
        summed = np.cumsum(ours.ar / predicted, axis=1) / np.sqrt(bars * variance)
        close(np.sqrt(len(summed)) * summed.mean(axis=0), table["PatellZ"]["caar_z"])
        # BMP over σ alone, without the prediction error; cumulated: Σ SAR / √bars
        simple = ours.ar / sigma
        bmp = t_of_mean(simple)[3]
        bmp_car = t_of_mean(np.cumsum(simple, axis=1) / np.sqrt(bars))[3]
        close(simple.mean(axis=0), table["BMP"]["mean_sar"])
        close(simple.std(axis=0, ddof=1), table["BMP"]["sd_sar"])
        close(bmp, table["BMP"]["bmp_t"])
        close(bmp_car, table["BMP"]["cbmp_t"])
        if "SAMEFIRM" not in label:
            r, n = study.scalars["rbar_event_time"], len(simple)
            correction = np.sqrt((1 - r) / (1 + (n - 1) * r))
            close(bmp * correction, table["KP"]["kp_t"])
            close(bmp_car * correction, table["KP"]["ckp_t"])


# ------------------------------------------------------------------------------------------------ R estudy2 0.10


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["complete", "missing", "holes"])
def test_r_estudy2(shared, name, model):
    case, suffix = estudy2(shared, name, model), ESTUDY2[model]
    ours, market_before, market_around = fitted(case)
    n_all, n = len(ours.ar), np.isfinite(ours.ar).sum(axis=0)
    inflated = n_all / n  # every sum is the mean times all firms, also of those that miss the bar
    everything = pd.read_csv(case.folder / f"expected_ar_all_{suffix}.csv").set_index("date")
    at = case.returns.index.get_loc("2020-03-16")
    close(np.hstack([ours.residuals, ours.ar]).T, everything.loc[case.returns.index[at - 240 : at + 5]])
    fits = pd.read_csv(case.folder / f"expected_fit_{suffix}.csv")
    close(ours.est_n, fits["est_n"])
    if model == "market":
        close(ours.beta, fits["beta"])

    tests = pd.read_csv(case.folder / f"expected_parametric_{suffix}.csv")
    found = case.study().aggregate
    close(100 * n / n_all, tests["percentage"])
    close(found["aar"], tests["mean"])
    close(found["cs_t"], tests["t_test_stat"])
    if model == "market":
        # σ is the residuals' sd (m − 1), and the market's mean and spread are over all its bars.
        off = market_around - market_before.mean(axis=1, keepdims=True)
        spread = ((market_before - market_before.mean(axis=1, keepdims=True)) ** 2).sum(axis=1, keepdims=True)
        sd = np.nanstd(ours.residuals, axis=1, ddof=1)[:, None]
        sar = ours.ar / sd / np.sqrt(1 + 1 / ours.est_n[:, None] + off**2 / spread)
        close(np.nanmean(sar, axis=0) * n_all / np.sqrt(((ours.est_n - 2) / (ours.est_n - 4)).sum()), tests["pt_stat"])
        close(t_of_mean(sar)[3], tests["bh_stat"])

    tests = pd.read_csv(case.folder / f"expected_nonparametric_{suffix}.csv")
    there = np.isfinite(ours.residuals)
    pooled = (ours.residuals > 0).sum() / there.sum()  # over all bars, not the mean of the events' shares

    def inflated_sign(p: float) -> np.ndarray:
        z = np.sqrt(n * p * (1 - p))
        return (((ours.ar > 0).sum(axis=0) * inflated) - n * p) / z

    close(inflated_sign(0.5), tests["sign_stat"])
    close(inflated_sign(pooled), tests["gsign_stat"])
    close(wilcoxon(ours.ar) * inflated, tests["wlcx_stat"])
    if name != "holes":  # then nothing is inflated, and ours are theirs
        close(sign(ours.ar), tests["sign_stat"])
        close(cowan(ours.ar, pooled), tests["gsign_stat"])

    ranks = row_ranks(np.hstack([ours.residuals, ours.ar]))
    m = np.isfinite(ranks).sum(axis=1)
    present = np.isfinite(ranks).sum(axis=0)
    k = np.nanmean(ranks - (m[:, None] + 1) / 2, axis=0) * n_all / present  # once more the inflated sum
    close((k / np.sqrt((k**2).sum() / m.mean()))[-5:], tests["rank_stat"])
    u = np.nanmean(ranks / (m[:, None] + 1) - 0.5, axis=0) * n_all / np.sqrt(present)
    close((u / np.sqrt((u**2).sum() / m.mean()))[-5:], tests["mrank_stat"])


# ------------------------------------------------------------------------------------------------ PyPI eventstudy


def of_model(path: Path, model: str) -> pd.DataFrame:
    table = pd.read_csv(path)
    return table[table["model"] == ("market" if model == "market" else "constant_mean")]


@pytest.mark.parametrize("model", ["market", "mean_adjusted"])
def test_pypi_eventstudy(shared, model):
    folder = golden(shared) / "gafam_pypi_eventstudy"
    returns = pd.read_csv(folder / "returns.csv", index_col="date")
    events = pd.read_csv(folder / "events.csv").rename(
        columns={"event": "event_id", "security_ticker": "asset", "event_date": "bar"}
    )
    single = of_model(folder / "expected_single.csv", model).set_index(["event", "t"])
    case = Case(folder, returns, returns["SPY"], events, model, 120, 10, (-5, 5))
    study = case.study(min_obs=1.0)
    used = study.outcomes.loc[study.outcomes["outcome"] == "used", "event_id"]
    assert set(used) == set(single.index.get_level_values("event"))
    case = Case(folder, returns, returns["SPY"], events[events["event_id"].isin(used)], model, 120, 10, (-5, 5))
    single = single.loc[pd.MultiIndex.from_product([case.events["event_id"], range(-5, 6)])]
    ours = fitted(case)[0]
    close(ours.ar.ravel(), single["ar"])
    close(ours.car.ravel(), single["car"])
    # σ² is the residuals' plain variance (over L, not L − k), and no prediction error
    variance = ours.residuals.var(axis=1)
    if model == "mean_adjusted":
        # a defect: the variance of the returns from the estimation's first to the window's last bar
        at = returns.index.get_indexer(case.events["bar"])
        column = returns.columns.get_indexer(case.events["asset"])
        whole = returns.to_numpy()[at[:, None] + np.arange(-135, 6), column[:, None]]
        variance = whole.var(axis=1)
    bars = np.arange(1, 12)
    close(np.sqrt(np.outer(variance, np.ones(11))).ravel(), single["se_ar"])
    close(np.sqrt(np.outer(variance, bars)).ravel(), single["se_car"])
    multiple = of_model(folder / "expected_multiple.csv", model)
    aggregate = case.study().aggregate
    close(aggregate["n"], multiple["n"])
    close(aggregate["aar"], multiple["aar"])
    close(aggregate["caar"], multiple["caar"])
    close(np.full(11, np.sqrt(variance.sum()) / len(variance)), multiple["se_aar"])
    close(np.sqrt(variance.sum() * bars) / len(variance), multiple["se_caar"])
    close(ours.car.min(axis=0), multiple["car_Min"])
    close(np.median(ours.car, axis=0), multiple["car_Quantile_50"])


# ------------------------------------------------------------------------------------------------ R eventstudies


@pytest.mark.parametrize(("model", "name"), [("market", "marketModel"), ("market_adjusted", "excessReturn")])
def test_r_eventstudies(shared, model, name):
    """The package joins firm and market on common dates, and estimates on everything up to bar −5."""
    folder = golden(shared) / "nse_splits"
    returns = pd.read_csv(folder / "returns_pct.csv", index_col="date")
    events = pd.read_csv(folder / "events.csv")
    outcomes = pd.read_csv(folder / "expected_outcomes.csv").set_index("event")["outcome"]
    expected = pd.read_csv(folder / f"expected_ar_{name}.csv").set_index("t")
    found = {}
    for number in outcomes.index[outcomes == "success"]:
        asset, date = events.iloc[number - 1]
        common = returns[[asset, "NiftyIndex"]].dropna()
        bar = common.index[common.index <= date][-1]  # a missing date: the row before
        study = event_study(
            common[[asset]],
            common["NiftyIndex"],
            pd.DataFrame({"event_id": [number], "asset": [asset], "bar": [bar]}),
            model=model,
            estimation=common.index.get_loc(bar) - 4,
            gap=0,
            window=(-4, 5),
            cluster=False,
        )
        found[str(number)] = study.per_event.set_index("t")["ar"]
    found = pd.DataFrame(found)
    assert list(found) == list(expected)
    close(found, expected)
    # the first abnormal return is set to 0 before summing, and the interval is Student's
    car = found.copy()
    car.iloc[0] = 0
    interval = pd.read_csv(folder / f"expected_car_classic_{name}.csv")
    n, mean, se, _ = t_of_mean(car.cumsum().to_numpy().T)
    close(mean, interval["Mean"])
    from scipy.stats import t

    close((mean + t.ppf(0.975, n - 1) * se)[1:], interval["97.5%"][1:])

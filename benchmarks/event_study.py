"""What an event study costs: 10,000 events with every statistic, and 9,999 placebo draws on a year of minute bars.

    NEWSTAPE_SHARED=… python benchmarks/event_study.py

Beside it in the same run, statsmodels' OLS: one regression an event (120 bars, abnormal returns of 21, no statistic
over events), on a sample of the events and scaled up. CPU time of all threads, the best of several runs after a warm
one; memory is the growth of the process's peak over what lay there before, each in a process of its own (Linux).
The returns are simulated (seeded, fat tails): time does not depend on their values. The placebo reads real candles.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.event_study import event_study

EVENTS, ASSETS, BARS = 10_000, 50, 8_760
SETTINGS = {"model": "market", "estimation": 120, "gap": 10, "window": (-10, 10)}
SAMPLE = 300
GOAL_S, PLACEBO_GOAL_S = 0.5, 1.0
MINUTES = "btcusdt_binance_1m_2021_2022.parquet"


def simulated(holes: float = 0.0) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=BARS, freq="h", tz="UTC")
    market = rng.standard_t(4, BARS) * 0.004
    values = market[:, None] * rng.uniform(0.5, 1.5, ASSETS) + rng.standard_t(4, (BARS, ASSETS)) * 0.006
    values[rng.random(values.shape) < holes] = np.nan
    assets = [f"A{n}" for n in range(ASSETS)]
    events = pd.DataFrame(
        {
            "event_id": np.arange(EVENTS),
            "asset": rng.choice(assets, EVENTS),
            "bar": index[rng.integers(150, BARS - 20, EVENTS)],
        }
    )
    return pd.DataFrame(values, index=index, columns=assets), pd.Series(market, index=index), events


def minutes() -> tuple[pd.DataFrame, pd.DataFrame]:
    bars = pd.read_parquet(Path(os.environ["NEWSTAPE_SHARED"]) / "data" / MINUTES, columns=["ts", "close"])
    close = bars.set_index("ts")["close"]
    close = close[close.index.year == 2022].resample("1min").last()
    returns = np.log(close).diff().to_frame("BTC")
    rng = np.random.default_rng(0)
    bars = returns.index[np.sort(rng.integers(3000, len(returns) - 100, 50))]
    events = pd.DataFrame({"event_id": range(50), "asset": "BTC", "bar": bars})
    events.loc[49, "bar"] = returns.index[-60]  # the whole year before it is open to the draws
    return returns, events


def by_statsmodels(returns: pd.DataFrame, benchmark: pd.Series, events: pd.DataFrame) -> list[np.ndarray]:
    import statsmodels.api as sm

    values, market = returns.to_numpy(), benchmark.to_numpy()
    position = returns.index.get_indexer(events["bar"])
    column = returns.columns.get_indexer(events["asset"])
    found = []
    for bar, asset in zip(position, column, strict=True):
        own, other = values[bar - 140 : bar - 20, asset], market[bar - 140 : bar - 20]
        fitted = sm.OLS(own, sm.add_constant(other)).fit()
        ahead = fitted.get_prediction(sm.add_constant(market[bar - 10 : bar + 11], has_constant="add"))
        found.append((values[bar - 10 : bar + 11, asset] - ahead.predicted_mean) / ahead.se_obs)
    return found


def cpu(function, repeats: int = 5) -> float:
    function()
    best = np.inf
    for _ in range(repeats):
        begun = time.process_time()
        function()
        best = min(best, time.process_time() - begun)
    return best


def alone(what: str) -> None:
    """One thing in this process; prints its CPU seconds and megabytes."""
    if what == "placebo":
        returns, events = minutes()
        arguments = {"model": "mean_adjusted", "estimation": 1440, "gap": 60, "window": (0, 60)}

        def drawn(draws: int):
            return lambda: event_study(returns, None, events, **arguments, placebo=draws)

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        drawn(9999)()
        memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(cpu(drawn(9999), 3), memory)
        print(cpu(drawn(0), 3), memory)
        return
    returns, benchmark, events = simulated(0.01 if "holes" in what else 0.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if what == "statsmodels":
        some = events.iloc[:SAMPLE]
        seconds = cpu(lambda: by_statsmodels(returns, benchmark, some), 2) * EVENTS / SAMPLE
    else:
        clustered = what == "clusters"

        def run():
            return event_study(returns, benchmark, events, **SETTINGS, cluster=clustered, placebo=0)

        run()
        memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        seconds = cpu(run)
        print(seconds, memory)
        return
    print(seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def measured(what: str) -> list[tuple[float, float]]:
    told = subprocess.run([sys.executable, __file__, what], capture_output=True, text=True, check=True).stdout
    return [tuple(map(float, line.split())) for line in told.splitlines()]


def main() -> None:
    if len(sys.argv) > 1:
        alone(sys.argv[1])
        return
    ((reference, reference_mb),) = measured("statsmodels")
    print(f"{EVENTS:,} events × ({SETTINGS['estimation']} + 21 bars), market model, {ASSETS} assets, every statistic")
    print(f"{'':58}{'CPU s':>9}{'ratio':>9}{'MB':>7}{'goal s':>8}")
    name = f"statsmodels OLS an event ({SAMPLE} of them, scaled up)"
    print(f"{name:58}{reference:>9.2f}{'1':>9}{reference_mb:>7.0f}")
    for what, name in {
        "complete": "event_study, events as given",
        "holes": "event_study, events as given, 1 % of the bars missing",
        "clusters": "event_study, clusters (placebo apart)",
    }.items():
        ((seconds, memory),) = measured(what)
        goal = f"{GOAL_S:>8}" if what == "complete" else ""
        print(f"{name:58}{seconds:>9.3f}{reference / seconds:>8.0f}×{memory:>7.0f}{goal}")
    if "NEWSTAPE_SHARED" in os.environ:
        (whole, memory), (without, _) = measured("placebo")
        print("\n50 events on a year of minute bars (525,600), own mean, 1,440 + 61 bars")
        print(f"{'event_study without placebo':58}{without:>9.3f}{'':>9}{memory:>7.0f}")
        print(f"{'9,999 placebo draws':58}{whole - without:>9.3f}{'':>9}{'':>7}{PLACEBO_GOAL_S:>8}")


if __name__ == "__main__":
    main()

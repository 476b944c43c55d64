"""The reference event studies, read where they lie: returns, events and windows of each case and label."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.event_study import Study, event_study

MODELS = ("market", "market_adjusted", "mean_adjusted")


@dataclass(frozen=True)
class Case:
    folder: Path
    returns: pd.DataFrame
    benchmark: pd.Series | None
    events: pd.DataFrame
    model: str
    estimation: int
    gap: int
    window: tuple[int, int]

    def study(self, **changed) -> Study:
        arguments = {
            "model": self.model,
            "estimation": self.estimation,
            "gap": self.gap,
            "window": self.window,
            "cluster": False,
        }
        return event_study(self.returns, self.benchmark, self.events, **(arguments | changed))


def golden(shared: Path) -> Path:
    return shared / "golden/eventstudy"


def returns_of(prices: pd.DataFrame, kind: str) -> pd.DataFrame:
    ratio = prices / prices.shift()
    # Log of the ratio, not a difference of logs: equal moves then are equal to the last bit, and so tied in rank.
    # A negative price is a mean of bid and ask (CRSP): it has no logarithm.
    return np.log(ratio.where(ratio > 0)) if kind == "log" else ratio - 1


def crypto(shared: Path, label: str) -> Case:
    folder = golden(shared) / "crypto_daily"
    prices = pd.read_csv(folder / "prices_usd_0000utc.csv", index_col="date")
    dated = pd.read_csv(folder / "events.csv").set_index("event_id")["date"]
    returns = returns_of(prices, "simple" if "simple" in label else "log")
    ids = list(pd.unique(pd.read_csv(folder / f"expected_single_{label}.csv")["event_id"]))
    events = pd.DataFrame({"event_id": ids})
    events["asset"] = [name.split("_")[0] for name in ids]
    if "SAMEFIRM" in label:
        events["asset"] = "BTC"
    events["bar"] = [dated[int(name.split("_")[1])] for name in ids]
    model = "mean_adjusted" if "mean" in label else "market_adjusted" if "adjusted" in label else "market"
    return Case(folder, returns, returns["BTC"], events, model, 120, 5, (-5, 5))


def estudy2(shared: Path, name: str, model: str) -> Case:
    folder = golden(shared) / f"estudy2_covid_{name}"
    returns = pd.read_csv(folder / "returns.csv", index_col="date")
    assets = [column for column in returns if column != "SPX"]
    events = pd.DataFrame({"event_id": assets, "asset": assets, "bar": "2020-03-16"})
    return Case(folder, returns[assets], returns["SPX"], events, model, 240, 0, (0, 4))


def sp500(shared: Path, model: str, kind: str) -> Case:
    folder = golden(shared) / "sp500_additions"
    returns = returns_of(pd.read_csv(folder / "prices.csv", index_col="date"), kind)
    events = pd.read_csv(folder / "events.csv").rename(columns={"firm_symbol": "asset", "event_date": "bar"})
    return Case(folder, returns, returns["SP500"], events, model, 120, 8, (-2, 2))


def tiny(shared: Path, model: str) -> Case:
    folder = golden(shared) / "tiny_exact"
    returns = pd.read_csv(folder / "returns.csv", index_col="bar")
    return Case(folder, returns, returns["BENCH"], pd.read_csv(folder / "events.csv"), model, 12, 1, (-1, 1))

"""What was done, in sentences that stand beside the figures, and what to be careful about."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.study_clusters import FEWEST, Headline
from analysis.study_placebo import MATCHES, Placebo

__all__ = ["conventions", "warnings"]

_MODELS = {
    "mean_adjusted": "A return is abnormal beyond the asset's own mean return in the estimation window.",
    "market_adjusted": "A return is abnormal beyond its benchmark's return in the same bar.",
    "market": "A return is abnormal beyond α + β times its benchmark's, estimated by least squares.",
}


def conventions(settings: dict[str, object], placebo: Placebo | None) -> dict[str, str]:
    """The choices behind a study, one plain sentence each."""
    first, last = settings["window"]
    said = {
        "model": _MODELS[settings["model"]],
        "windows": f"{settings['estimation']} bars are estimated on, then {settings['gap']} are left out, then the "
        f"window runs from bar {first} to bar {last}; bar 0 is the first that opens at or after the story was known.",
        "missing": "A missing bar stays missing; an event's cumulated return needs every bar so far. An event needs "
        f"{settings['min_obs']:.0%} of its estimation bars.",
        "variance": "Standard errors are those of a prediction: the bar's own noise and that of the estimate.",
        "publication": "The bar that contains a publication is reported apart and never estimated from.",
    }
    if settings["cluster"]:
        where = "on whatever asset" if settings["overlap"] == "any" else "on one asset"
        said["independence"] = (
            "Bars in other events' windows on the asset are left out of its estimation; assets of one event are "
            f"averaged; events whose windows share a bar {where} are one cluster; clusters are tested."
        )
        said["headline"] = (
            "The t test compares the clusters' mean standardised cumulated abnormal return with zero; "
            f"fewer than {FEWEST} clusters are described only."
        )
    else:
        said["independence"] = "Every event counts as independent of the others, as in the textbook."
    if settings["seasonal"]:
        said["seasonal"] = "A bar's expected volatility follows its hour of the week, learned from earlier weeks alone."
    if placebo is not None:
        said["placebo"] = (
            f"{placebo.draws:,} draws (seed {settings['seed']}) move each cluster as a whole to a random bar up to "
            "the last event, clear of real events' windows, of the same hour of the week and third of volatility."
        )
    return said


def warnings(
    counts: dict[str, int],
    head: Headline,
    placebo: Placebo | None,
    clusters: pd.DataFrame,
    cluster: bool,
    cancelled: int,
) -> list[str]:
    """What a reader must know before believing the figures; empty where there is nothing.

    ``cancelled``: events whose assets' abnormal returns cancel each other out.
    """
    said = []
    given, used = sum(counts.values()), counts["used"]
    if used < given:
        why = ", ".join(f"{count} {name}" for name, count in counts.items() if count and name != "used")
        said.append(f"{used} of {given} events are in the study: {why}.")
    if head.reason:
        said.append(head.reason[0].upper() + head.reason[1:] + ".")
    if cluster and len(clusters):
        merged = int(clusters["events"][clusters["events"] > 1].sum())
        total = int(clusters["events"].sum())
        if merged:
            said.append(f"{merged} of {total} events share bars with others ({merged / total:.0%}) and are merged.")
        share = clusters["rows"].max() / clusters["rows"].sum()
        if len(clusters) > 1 and share > 0.5:
            said.append(f"One cluster holds {share:.0%} of the rows, and counts as one observation.")
    if cancelled:
        said.append(
            f"In {cancelled} events the assets make up most of their own benchmark: what they do together cancels out, "
            "and the t test rejects too often. Take fewer assets or another benchmark."
        )
    whole = int(np.isfinite(clusters["scar"]).sum())
    if whole < len(clusters):
        said.append(f"{len(clusters) - whole} of {len(clusters)} have missing bars in the window: no cumulated return.")
    if placebo is not None:
        loose = {name: placebo.matched[name] for name in MATCHES[1:] if placebo.matched[name]}
        for name, count in loose.items():
            said.append(f"The placebo dates of {count} clusters match on {name} only: too few match better.")
    return said

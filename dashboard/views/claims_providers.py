"""The Claims page's matrices: who agrees with what the press states, and claim by claim."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import cached, verdicts, widgets
from data.lake import Snapshot
from data.queries import Asked
from data.queries.claims import LEAST_FOR_MEDIAN
from data.view import View

#: The first so many claims of the queue stand in the matrix of claims and providers.
GRID = 50
#: Behind a verdict's mark; light enough to read on in both themes.
TINTS = {"✓": "rgba(47,126,216,0.28)", "≈": "rgba(47,126,216,0.12)", "≠": "rgba(217,105,26,0.30)"}


def agreement(at: Snapshot, view: View, asked: Asked) -> None:
    widgets.head("Who agrees with what the press states")
    table = verdicts.agreement(cached.claims(at, "claim_providers", asked, known_at=view.known_at))
    if table.empty:
        widgets.plain("No claim that fits has been set beside a source yet.")
        return
    widgets.plain(
        "Of all claims that meet the filters, whatever their verdict. Median: claimed against recorded, of figures "
        f"stated plainly for one day or less; – for fewer than {LEAST_FOR_MEDIAN} of them."
    )
    medians = [name for name in table if name.startswith("median_")]
    st.dataframe(
        table,
        key="providers",
        hide_index=True,
        alt="Providers and how their figures compare with what is claimed",
        placeholder="–",
        height="content" if len(table) <= 12 else 460,
        column_config={
            "source": st.column_config.TextColumn("Source", width=120),
            "definition": st.column_config.TextColumn("Definition", width=120),
            "checked": st.column_config.NumberColumn(
                "Could check",
                format="localized",
                width=90,
                help="Claims it has a figure for, fine enough",
            ),
            **{
                name: st.column_config.NumberColumn(verdicts.named(verdict), format="localized", width=138)
                for name, verdict in verdicts.COUNTS.items()
            },
            **{name: _median(name.removeprefix("median_")) for name in medians},
        },
    )
    widgets.download("Providers CSV", lambda: table, "newstape-claim-providers.csv", "csv_providers")


def _median(quantity: str) -> object:
    in_percent = quantity in verdicts.IN_PERCENT
    return st.column_config.NumberColumn(
        f"Median, {verdicts.QUANTITIES[quantity].lower()}",
        format="%+.2f points" if in_percent else "percent",
        width=158,
        help=f"Claimed against recorded, of figures stated as such or roughly (not “more than”) for one day or less; "
        f"none for fewer than {LEAST_FOR_MEDIAN} of them",
    )


def grid(at: Snapshot, view: View, queue: pd.DataFrame) -> None:
    """The listed claims against every provider asked."""
    if queue.empty:
        return
    widgets.head("Claim by claim")
    first = queue.head(GRID)
    keys = tuple((claim.article_id, int(claim.offset)) for claim in first.itertuples())
    table = verdicts.grid(cached.claims(at, "claims_of", keys, known_at=view.known_at))
    widgets.plain(
        f"The first {len(first)} of the {len(queue)} listed. ✓ matches, ≈ another definition, ≠ differs, "
        "? cannot check; beside it, claimed against recorded."
    )
    providers = [name for name in table if name not in ("article_id", "offset", "claim")]
    st.dataframe(
        table.style.map(_tint, subset=providers) if providers else table,
        key="grid",
        hide_index=True,
        alt="Claims against providers",
        placeholder=" ",
        height="content" if len(table) <= 10 else 420,
        column_order=["claim", *providers],
        column_config={
            "claim": st.column_config.TextColumn("Claim", width=380, pinned=True),
            **{name: st.column_config.TextColumn(name, width=150) for name in providers},
        },
    )
    widgets.download("Matrix CSV", lambda: table, "newstape-claim-matrix.csv", "csv_grid")


def _tint(cell: object) -> str:
    colour = TINTS.get(cell[:1]) if isinstance(cell, str) else None
    return f"background-color: {colour}" if colour else ""

"""What the plotly figures share: colours, gaps, times and text. No Streamlit, no lake.

Colours are blue and orange, told apart by the colour-blind too, and a direction never shows by colour alone. A figure
has the same colours in both themes: each is 3:1 from either background. Rows with a missing value are left out:
plotly.js draws malformed paths for NaN, and the gap shows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

UP, DOWN = "#2f7ed8", "#d9691a"
PRICE_LINE = "#0f9488"
MARK, CHOSEN = "#4a8ccc", "#d0439b"
OTHER_DEFINITION = "#8a8d93"
GRID = "rgba(128,128,128,0.18)"


def broken_at_gaps(at: pd.Series, values: pd.Series, step_s: int) -> tuple[np.ndarray, np.ndarray]:
    """The line with one empty point inside every gap, so that nothing is drawn across it."""
    after = np.flatnonzero((at.diff() > pd.Timedelta(seconds=1.5 * step_s)).to_numpy())
    x = times(at)
    return np.insert(x, after, x[after - 1] + np.timedelta64(step_s, "s")), np.insert(
        values.to_numpy(float), after, np.nan
    )


def times(at: pd.Series) -> np.ndarray:
    """UTC without its mark: plotly.js would otherwise draw in the browser's zone."""
    return at.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()


def naive(at: pd.Timestamp) -> pd.Timestamp:
    return at.tz_convert("UTC").tz_localize(None)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def wrap(text: str, width: int = 60) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])

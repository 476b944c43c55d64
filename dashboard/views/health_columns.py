"""Data health: columns that its tables share."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import words


def time(label: str, at: pd.Series, zone: str) -> object:
    """A column of instants in a zone, which its head names as it is called at them: "Started (EDT)"."""
    told = words.zones_told(zone, at.min(), at.max()) if at.notna().any() else zone
    return st.column_config.DatetimeColumn(f"{label} ({told})", format="YYYY-MM-DD HH:mm", timezone=zone, width=150)


def count(label: str, width: int = 66) -> object:
    return st.column_config.NumberColumn(label, format="localized", width=width)

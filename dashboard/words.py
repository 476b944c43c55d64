"""Wording of figures and times, the same on pages and on the command line."""

from __future__ import annotations

import math

import pandas as pd

from data.tables import INTERVAL_S


def usd(value: float | None, digits: int = 2) -> str:
    if value is None or pd.isna(value):
        return "–"
    for size, unit in ((1e12, "T"), (1e9, "B")):
        if value >= size:
            return f"${value / size:,.3f} {unit}"
    return f"${value:,.{digits}f}"


def move(log_return: float | None) -> str:
    """A log return as a signed percentage with its direction: "▲ +1.24 %"."""
    if log_return is None or pd.isna(log_return):
        return "–"
    percent = 100 * math.expm1(log_return)
    return f"{'▲' if percent > 0 else '▼' if percent < 0 else '•'} {percent:+.2f} %".replace("-", "−")


def fraction(log_return: float) -> float:
    """A log return as a simple return: 0.0124 for +1.24 %."""
    return math.expm1(log_return)


def sigmas(score: float | None) -> str:
    return "–" if score is None or pd.isna(score) else f"{score:+.1f} σ".replace("-", "−")


def when(at: pd.Timestamp | None, precision: str | None = "second") -> str:
    """An instant as people read it, with its zone and how exactly it is known."""
    if at is None or pd.isna(at):
        return "unknown"
    if precision in ("day", "month", "year"):
        return at.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[precision]) + " (UTC)"
    return f"{at:%Y-%m-%d %H:%M} UTC"


def span(seconds: float | None) -> str:
    """A length of time in its largest fitting unit: "3 h", "12 days"."""
    if seconds is None or pd.isna(seconds):
        return "–"
    for size, unit in ((86_400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds / size
            number = f"{count:.0f}" if count >= 10 or abs(count - round(count)) < 0.05 else f"{count:.1f}"
            return f"{number} {unit}{'s' if unit == 'day' and number != '1' else ''}"
    return f"{seconds:.0f} s"


def bar_name(seconds: float) -> str:
    named = {length: name for name, length in INTERVAL_S.items()}
    return named.get(int(seconds)) or (f"{seconds / 86_400:.0f}d" if seconds >= 86_400 else f"{seconds / 3600:.0f}h")

"""Wording of figures and times, the same on pages and on the command line."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from data.tables import INTERVAL_S


def usd(value: float | None, digits: int = 2) -> str:
    if value is None or pd.isna(value):
        return "–"
    for size, unit in ((1e12, "T"), (1e9, "B")):
        if value >= size:
            return f"${value / size:,.3f} {unit}"
    return f"${value:,.{digits}f}"


def signed(fraction: float | None, digits: int = 1) -> str:
    """A fraction as a signed percentage: 0.0124 is "+1.2 %"."""
    return "–" if fraction is None or pd.isna(fraction) else f"{100 * fraction:+.{digits}f} %".replace("-", "−")


def points(difference: float | None) -> str:
    """A difference of percentages: 0.3 is "+0.3 points"."""
    return "–" if difference is None or pd.isna(difference) else f"{difference:+.3g} points".replace("-", "−")


def quantity(value: float | None, unit: str, precision: float | None = None) -> str:
    """A figure in its unit: dollars, or a percentage (61.5 is "61.5 %").

    Beside a claim of ``precision`` (plus or minus, in that unit) a percentage has one decimal more than the claim, but
    at most two unless the claim has more, and dollars lose their cents where the claim is coarser than a dollar.
    """
    if value is None or pd.isna(value):
        return "–"
    known = precision is not None and precision > 0
    if unit == "percent":
        if known:
            stated = max(0, round(-math.log10(2 * precision)))
            value = round(value, max(stated, min(stated + 1, 2))) + 0.0  # no "−0"
        return f"{value:.10g} %".replace("-", "−")
    if known and precision >= 1 and (value >= 10 or value == round(value)):
        return usd(value, 0)
    if 0 < value < 0.1:
        return f"${value:.{3 - math.floor(math.log10(value))}f}"  # four digits that count
    return usd(value)


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


def when(at: pd.Timestamp | None, precision: str | None = "second", zone: str = "UTC", *, full: bool = False) -> str:
    """An instant as people read it, with its zone and how exactly it is known: "2025-03-28 10:05 EDT".

    ``full`` names the zone besides: "2025-03-28 10:05 EDT (America/New_York)". What is known to the day, month or year
    stays what it was stated as, a day in UTC, and says so.
    """
    if at is None or pd.isna(at):
        return "unknown"
    if precision in ("day", "month", "year"):
        return at.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[precision]) + " (UTC)"
    named = f" ({zone})" if full and zone != "UTC" else ""
    return f"{at.tz_convert(zone):%Y-%m-%d %H:%M} {zone_name(zone, at)}{named}"


def zone_name(zone: str, at: pd.Timestamp) -> str:
    """What a zone's time is called at an instant: "EDT"; where that has no name, how far it is ahead: "+05:45"."""
    name = at.tz_convert(zone).tzname()
    if name[0] not in "+-":
        return name
    return f"{name[:3]}:{name[3:] or '00'}"


def zone_names(zone: str, start: pd.Timestamp, end: pd.Timestamp) -> dict[int, str]:
    """What a zone's times from ``start`` to ``end`` are called, by how many seconds they are ahead of UTC."""
    quarters = () if zone == "UTC" else pd.date_range(start, min(end, start + pd.Timedelta(days=366)), freq="60D")
    found = {}
    for at in (start, *quarters, end):
        found[int(at.tz_convert(zone).utcoffset().total_seconds())] = zone_name(zone, at)
    return found


def zones_told(zone: str, start: pd.Timestamp, end: pd.Timestamp) -> str:
    """How the times of a range are called, beside an axis: "EST/EDT" where clocks change in it."""
    return "/".join(dict.fromkeys(zone_names(zone, start, end).values()))


def period(start: pd.Timestamp, end: pd.Timestamp, zone: str = "UTC") -> str:
    """From one instant to another: "2025-03-28 00:00 to 2025-03-29 00:00 UTC"."""
    begins, ends = when(start, zone=zone), when(end, zone=zone)
    name = zone_name(zone, end)
    return f"{begins.removesuffix(f' {name}')} to {ends}"


def axis(start: pd.Timestamp, end: pd.Timestamp, zone: str) -> tuple[pd.Timedelta, str]:
    """How far an axis of time in a zone lies from UTC, and what it is called.

    An axis has one distance throughout, so that no hour is drawn twice; where the zone's own changes on the way, the
    name says so.
    """
    ahead = pd.Timedelta(start.tz_convert(zone).utcoffset())
    name = zone_name(zone, start)
    changes = ahead != pd.Timedelta(end.tz_convert(zone).utcoffset())
    return ahead, f"{name} throughout" if changes else name


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


def between(least_s: float | None, most_s: float | None) -> str:
    """A length of time known to a range: "3 h", "up to 2 days", "1 day to 2 days"."""
    if least_s is None or pd.isna(least_s):
        return "–"
    least, most = span(least_s), span(most_s)
    if least == most:
        return least
    return f"up to {most}" if least_s <= 0 else f"{least} to {most}"


def bar_name(seconds: float) -> str:
    named = {length: name for name, length in INTERVAL_S.items()}
    return named.get(int(seconds)) or (f"{seconds / 86_400:.0f}d" if seconds >= 86_400 else f"{seconds / 3600:.0f}h")


def quoted(conflicts: str) -> str:
    """An article's ``date_conflicts`` in quotes: "“March 29, 2025” / “27 March 2025”"."""
    return " / ".join(f"“{part}”" for part in conflicts.split("; "))


def some(names: Sequence[str], most: int) -> str:
    """Names in a row, the first ``most`` of them, with how many more there are; "–" for none."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "–"

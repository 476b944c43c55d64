"""What a page's address says: range, asset, lanes, filters, story, clock, zone. Read from it and written to it here.

The same words stand in the page's link, in a saved view, in ``/export/….csv?…`` and in a manifest, so that each of
them shows the same rows. No Streamlit, no lake.

An address may say anything: what cannot be read is left out, and told in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd

STYLES = ("line", "candles")
SCALES = ("auto", "log", "linear")
LANES = ("topic", "source", "asset")
#: Panels of the timeline, top to bottom, and those shown where the address names none.
PANELS = ("price", "volume", "caps", "dominance", "news", "notes")
SHOWN_PANELS = ("price", "caps", "news", "notes")
FIRST_DAY = pd.Timestamp("2009-01-03", tz="UTC")
LAST_DAY = pd.Timestamp("2100-01-01", tz="UTC")
#: Shorter ranges show nothing.
SHORTEST = pd.Timedelta(minutes=10)
#: More words or names than a person types are not looked for.
MOST_NAMES = 50
MOST_TEXT = 200
_DAY = pd.Timedelta(days=1)
_WRITTEN_INSTANT = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True)
class View:
    """What is shown. Instants are aware, UTC; the range is ``[start, end)``."""

    start: pd.Timestamp
    end: pd.Timestamp
    asset: str = "BTC"
    compare: tuple[str, ...] = ()  # assets beside it, all indexed to 100 at the range's start
    style: str = "line"  # of STYLES
    scale: str = "auto"  # of SCALES; auto: logarithmic over a threefold range
    panels: tuple[str, ...] = SHOWN_PANELS  # of PANELS
    totals: tuple[str, ...] = ()  # "coingecko/all-coins": whose totals; none: all that are stored
    lanes: str = "topic"  # of LANES
    topics: tuple[str, ...] = ()  # a story has one of these …
    about: tuple[str, ...] = ()  # … and names one of these assets …
    sources: tuple[str, ...] = ()  # … and came by one of these …
    search: str = ""  # … and has every one of these words
    story: str | None = None  # the chosen one
    known_at: pd.Timestamp | None = None  # the clock; None: now
    watchlist: str | None = None  # whose assets the Market page lists; none: the largest
    zone: str = "UTC"  # an IANA name: how instants are printed and what a date's day is

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


#: Where each field stands in an address.
NAMES = {
    "start": "from",
    "end": "to",
    "asset": "asset",
    "compare": "compare",
    "style": "style",
    "scale": "scale",
    "panels": "panels",
    "totals": "totals",
    "lanes": "lanes",
    "topics": "topic",
    "about": "about",
    "sources": "source",
    "search": "q",
    "story": "story",
    "known_at": "known",
    "watchlist": "list",
    "zone": "tz",
}


def parse(params: Mapping[str, Sequence[str]], default: View) -> tuple[View, list[str]]:
    """The view an address names, and a sentence for each part of it that could not be read.

    ``params``: every value by name, as ``st.query_params.to_dict`` or a query string has them; a single text counts
    as one value. ``default``: what holds where the address is silent.
    """
    told: list[str] = []
    found: dict[str, object] = {}
    for field, name in NAMES.items():
        given = params.get(name, ())
        values = [given] if isinstance(given, str) else list(given)
        values = [value for value in values if value]
        if not values:
            continue
        try:
            found[field] = _READ[field](values)
        except ValueError as error:
            told.append(f"The address says {name}={_short(values[0])}, which is left out: {error}.")
    view = replace(default, **found)
    if view.asset in view.compare:
        view = replace(view, compare=tuple(asset for asset in view.compare if asset != view.asset))
    if view.end < view.start:
        shown = view.end - _DAY if _whole_days(view) else view.end
        told.append(f"The range ends ({shown:%Y-%m-%d}) before it begins ({view.start:%Y-%m-%d}); it is turned round.")
        start, end = (shown, view.start + _DAY) if _whole_days(view) else (view.end, view.start)
        view = replace(view, start=start, end=end)
    if view.end - view.start < SHORTEST:
        view = replace(view, end=view.start + SHORTEST)
    return view, told


def params(view: View, default: View | None = None) -> dict[str, list[str]]:
    """The address of a view: every value by name; what is as in ``default`` is left out."""
    said: dict[str, list[str]] = {}
    for field in fields(View):
        value = getattr(view, field.name)
        if default is not None and value == getattr(default, field.name):
            continue
        written = _written(field.name, value)
        if written:
            said[NAMES[field.name]] = written
    return said


def clock(text: str) -> pd.Timestamp:
    """An instant as an address or a person writes it; without a zone it is UTC. Raises ValueError."""
    try:
        if not _WRITTEN_INSTANT.match(text.strip()):  # pandas reads "now" and "today" too
            raise ValueError(text)
        at = pd.Timestamp(text.strip().replace(" UTC", "Z").replace(" ", "T", 1))
    except (ValueError, OverflowError):
        raise ValueError("it is not a time such as 2025-03-28T14:05Z") from None
    at = (at.tz_localize(UTC) if at.tzinfo is None else at.tz_convert(UTC)).as_unit("us")
    if not FIRST_DAY <= at <= LAST_DAY:
        raise ValueError(f"it lies outside {FIRST_DAY:%Y} to {LAST_DAY:%Y}")
    return at


def stamp(at: pd.Timestamp) -> str:
    """An instant as addresses have it: a day where it is midnight UTC, else as short as says it all."""
    at = at.tz_convert(UTC).tz_localize(None)
    if at == at.normalize():
        return f"{at:%Y-%m-%d}"
    whole = "minutes" if at == at.floor("min") else "auto"
    return f"{at.isoformat(timespec=whole)}Z"


def zone(name: str) -> str:
    """A zone's IANA name. Raises ValueError for any other text."""
    if name not in zones():
        raise ValueError("it is no time zone such as UTC, America/New_York or Asia/Kolkata")
    return name


@cache
def zones() -> tuple[str, ...]:
    """Every zone that can be chosen, UTC first."""
    named = {
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    }
    return ("UTC", *sorted(named))


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────


def _instant(values: list[str]) -> pd.Timestamp:
    return clock(values[-1])


def _range_end(values: list[str]) -> pd.Timestamp:
    """A day counts whole; any other instant is the first that no longer belongs to the range."""
    at = clock(values[-1])
    return at + _DAY if len(values[-1].strip()) == len("2025-03-28") else at


def _one_of(allowed: Sequence[str]) -> Callable[[list[str]], str]:
    def read(values: list[str]) -> str:
        if values[-1] not in allowed:
            raise ValueError(f"it is one of {', '.join(allowed)}")
        return values[-1]

    return read


def _names(values: list[str]) -> tuple[str, ...]:
    if len(values) > MOST_NAMES or any(len(value) > MOST_TEXT for value in values):
        raise ValueError(f"at most {MOST_NAMES} names of {MOST_TEXT} characters are read")
    return tuple(dict.fromkeys(values))


def _text(values: list[str]) -> str:
    if len(values[-1]) > MOST_TEXT:
        raise ValueError(f"at most {MOST_TEXT} characters are read")
    return values[-1]


def _asset(values: list[str]) -> str:
    if not (values[-1].isalnum() and len(values[-1]) <= 20):
        raise ValueError("it is an asset's symbol, such as BTC")
    return values[-1].upper()


def _panels(values: list[str]) -> tuple[str, ...]:
    names = {name for value in values for name in value.split(",")}
    if not names <= {*PANELS}:
        raise ValueError(f"panels are {', '.join(PANELS)}")
    return tuple(name for name in PANELS if name in names)


_READ: dict[str, Callable[[list[str]], object]] = {
    "start": _instant,
    "end": _range_end,
    "asset": _asset,
    "compare": lambda values: tuple(dict.fromkeys(_asset([value]) for value in _names(values))),
    "style": _one_of(STYLES),
    "scale": _one_of(SCALES),
    "panels": _panels,
    "totals": _names,
    "lanes": _one_of(LANES),
    "topics": _names,
    "about": _names,
    "sources": _names,
    "search": _text,
    "story": _text,
    "known_at": _instant,
    "watchlist": _text,
    "zone": lambda values: zone(values[-1]),
}


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────


def _written(field: str, value: object) -> list[str]:
    if value is None:
        return []
    if field == "end":
        day = stamp(value - _DAY)
        return [day if len(day) == len("2025-03-28") else stamp(value)]
    if isinstance(value, pd.Timestamp):
        return [stamp(value)]
    if field == "panels":
        return [",".join(value)]
    return list(value) if isinstance(value, tuple) else [value] if value else []


def _whole_days(view: View) -> bool:
    return all(at == at.normalize() for at in (view.start, view.end))


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"

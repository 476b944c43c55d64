"""What the browser tells of the chart. It may tell anything: only what is well formed is taken. No Streamlit."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

#: 1970 to 2100: what a range may name.
_LATEST_MS = 4_102_444_800_000
_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_PNG = 20_000_000


@dataclass(frozen=True)
class ChartEvent:
    """What happened since the last run; None where it did not.

    ``range``: the aware UTC instants ``[start, end)`` the chart was moved to. ``selected``: the id of the item that was
    clicked. ``picture``: the chart as PNG, with the name it was asked for by.
    """

    range: tuple[datetime, datetime] | None = None
    selected: str | None = None
    picture: tuple[str, bytes] | None = None
    #: How many moves the browser had made by then: sent back, so that an answer to an older one moves nothing.
    seen: int | None = None

    def __bool__(self) -> bool:
        return (self.range or self.selected or self.picture) is not None


def event_of(told: Mapping[str, object]) -> ChartEvent:
    """From the values by name; what is not as the chart sends it counts as not sent."""
    moved = told.get("range")
    span, seen = _range(moved) if isinstance(moved, Mapping) else (None, None)
    chosen = told.get("selected")
    return ChartEvent(
        span, chosen if isinstance(chosen, str) and 0 < len(chosen) <= 200 else None, _picture(told), seen
    )


def _range(moved: Mapping[str, object]) -> tuple[tuple[datetime, datetime] | None, int | None]:
    start, end, seen = (moved.get(name) for name in ("from", "to", "seen"))
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in (start, end, seen)):
        return None, None
    if not 0 <= start < end <= _LATEST_MS or not 0 <= seen < 2**53:
        return None, None
    return (datetime.fromtimestamp(start / 1000, UTC), datetime.fromtimestamp(end / 1000, UTC)), int(seen)


def _picture(told: Mapping[str, object]) -> tuple[str, bytes] | None:
    sent = told.get("picture")
    if not isinstance(sent, Mapping) or not isinstance(name := sent.get("name"), str):
        return None
    png = sent.get("png")
    if not isinstance(png, str) or len(png) > _MOST_PNG:
        return None
    try:
        raw = base64.b64decode(png, validate=True)
    except (binascii.Error, ValueError):
        return None
    return (name, raw) if raw.startswith(_PNG) else None

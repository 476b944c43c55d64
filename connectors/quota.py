"""What a source says is left of its quota, in the headers of its answers.

Read are, in this order:

* ``RateLimit: limit=100, remaining=50, reset=30`` (IETF httpapi-ratelimit-headers, draft 7) and
  ``RateLimit: "default";r=50;t=30`` (drafts 8 and later)
* ``RateLimit-Limit``, ``-Remaining``, ``-Reset`` (drafts up to 6; the reset in seconds from now)
* ``X-RateLimit-Limit``, ``-Remaining``, ``-Reset`` (Coin Metrics; GitHub, whose reset is an epoch second)
* ``X-MBX-USED-WEIGHT-1M`` (Binance: what was used of 6,000 a minute, counted by the clock's minutes;
  https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits)

CoinGecko, Kraken, Coinbase and Bitstamp say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BINANCE_WEIGHT_A_MINUTE = 6_000
#: A reset above this is an instant in epoch seconds (2001 and later), below it a span in seconds (up to 31 years).
EPOCH_FROM_S = 1_000_000_000
EPOCH_FROM_MS = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left. ``None`` is what the source did not say, or not in a number."""

    remaining: int | None
    limit: int | None = None
    resets_at: datetime | None = None  # aware, UTC: when the whole of it is there again


def read_quota(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """The quota in ``headers`` (names in lower case), or None where they hold none. ``now`` is aware."""
    combined = headers.get("ratelimit", "")
    for limit, remaining, reset in (
        (_of(combined, "limit"), _of(combined, "remaining", "r"), _of(combined, "reset", "t")),
        *(tuple(_number(headers.get(f"{start}-{name}")) for name in _NAMES) for start in ("ratelimit", "x-ratelimit")),
    ):
        if remaining is not None or limit is not None:
            return Quota(remaining, limit, _instant(reset, now))
    used = _number(headers.get("x-mbx-used-weight-1m"))
    if used is None:
        return None
    next_minute = now.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return Quota(max(0, BINANCE_WEIGHT_A_MINUTE - used), BINANCE_WEIGHT_A_MINUTE, next_minute)


_NAMES = ("limit", "remaining", "reset")


def _of(combined: str, *names: str) -> int | None:
    """The value of the first of ``names`` in a structured header. A second policy in it is left aside."""
    for name in names:
        if found := re.search(rf"(?:^|[;,\s]){name}\s*=\s*([^;,\s]+)", combined, re.I):
            return _number(found[1])
    return None


def _number(text: str | None) -> int | None:
    """A whole number, perhaps with its policies behind it: ``100, 100;w=60``."""
    found = re.fullmatch(r"\s*([0-9]{1,15})\s*(?:[,;].*)?", text or "")
    return int(found[1]) if found else None


def _instant(reset: int | None, now: datetime) -> datetime | None:
    if reset is None:
        return None
    try:
        if reset >= EPOCH_FROM_S:
            return datetime.fromtimestamp(reset / 1000 if reset >= EPOCH_FROM_MS else reset, UTC)
        return now.astimezone(UTC) + timedelta(seconds=reset)
    except (ValueError, OverflowError, OSError):
        return None

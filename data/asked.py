"""What was asked of each source last, and what it answered: kept beside the tables, in one small file.

The run ledger (``runs``) tells of every pull that brought something or failed. A pull that found nothing new
commits nothing; that it was made, what to ask "has it changed?" by, and what is left of a quota stand here.
Losing the file loses no data: sources are then asked for what they were asked before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.records import Validators

if TYPE_CHECKING:
    from connectors.pull import Pulled

FILE = "asked.json"


@dataclass(frozen=True)
class Asked:
    """One source. Instants are aware, UTC."""

    asked_at: datetime | None = None
    answered_at: datetime | None = None  # its last complete answer, whether or not that held anything new
    validators: Validators | None = None
    requests: Mapping[str, int] = field(default_factory=dict)  # by month, "2026-11": our own count
    quota_left: int | None = None  # as the source itself last said
    quota_limit: int | None = None
    quota_until: datetime | None = None  # when that is no longer so; None: it does not say


def after(before: Asked, pulled: Pulled, at: datetime) -> Asked:
    """What is known once a pull is stored. Call it only then: its validators stand for the data."""
    from connectors.quota import read_quota

    month = f"{at:%Y-%m}"
    quota = read_quota(pulled.headers, at)
    requests = {month: before.requests.get(month, 0) + pulled.attempts}  # months before are of no use
    known = replace(before, asked_at=at, requests=requests)
    if quota is not None:
        known = replace(known, quota_left=quota.remaining, quota_limit=quota.limit, quota_until=quota.resets_at)
    if not pulled.complete:
        return known
    validators = before.validators if pulled.not_modified else pulled.validators
    return replace(known, answered_at=at, validators=validators)


def read(content: bytes | None) -> dict[str, Asked]:
    """The file's content by source; a file that is damaged, or not there, says nothing."""
    try:
        held = json.loads(content or b"{}")
        return {
            name: Asked(
                **{
                    **line,
                    "asked_at": _instant(line["asked_at"]),
                    "answered_at": _instant(line["answered_at"]),
                    "quota_until": _instant(line["quota_until"]),
                    "validators": Validators(**line["validators"]) if line["validators"] else None,
                }
            )
            for name, line in held.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def written(asked: Mapping[str, Asked]) -> bytes:
    return json.dumps(
        {name: asdict(line) for name, line in sorted(asked.items())}, default=datetime.isoformat, indent=1
    ).encode()


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

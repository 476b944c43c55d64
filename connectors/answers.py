"""Reading an answer: is it JSON at all, or a web page in its place? And the values in it, None where they are none.

Content types are not asked: providers serve JSON as ``text/html`` and web pages with status 200.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.errors import BadAnswer

#: Atomic groups: a run of comments is read once, not in every way it could be divided.
_HTML = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?>(?:(?><!--.*?-->)|<\?xml[^>]*>)\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,120})", re.I)
EXCERPT = 200
#: A decimal number as JSON writes it. ``float`` alone would also take "nan", "1_000" and digits of other scripts.
_NUMERAL = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.A)
_FRACTION = re.compile(r"(\.\d{6})\d+")


def read_json(url: str, body: bytes) -> object:
    """The JSON value in ``body``. Raises ``BadAnswer`` on anything else: empty, HTML, cut short, NaN."""
    if not body.strip():
        raise BadAnswer(f"{url} answered with nothing where JSON was expected; try again later.")
    if is_html(body):
        raise web_page(url, body, "JSON")
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(
            f"{url} answered with broken JSON ({error}; {len(body):,} bytes, "
            f"ending {excerpt(body[-40:])!r}): cut short on the way, or not JSON."
        ) from error


def is_html(body: bytes) -> bool:
    """Whether this is a web page (HTML or XHTML), whatever its content type claimed."""
    return _HTML.match(body[:4096]) is not None


def web_page(url: str, body: bytes, expected: str) -> BadAnswer:
    """The error for a web page in place of ``expected`` ("JSON", "a feed")."""
    title = _TITLE.search(body[:65536])
    named = f' titled "{excerpt(title[1])}"' if title else ""
    return BadAnswer(
        f"{url} answered with a web page{named} where {expected} was expected: a bot check, a login page or "
        "a moved address. Open the address in a browser to see which; another network may help."
    )


def excerpt(value: object) -> str:
    """``value`` as one printable line of at most 200 characters, for messages and rejects."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    line = " ".join("".join(c if c.isprintable() or c.isspace() else "\ufffd" for c in text[: 4 * EXCERPT]).split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


def table(value: object) -> Mapping[str, object]:
    """A JSON object as it is; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def number(value: object) -> float | None:
    """A finite JSON number. None for anything else: null, text, true, one too large for a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        read = float(value)
    except OverflowError:
        return None
    return read if math.isfinite(read) else None


def numeral(value: object) -> float | None:
    """A finite number, or the decimal text of one ("8582.09"), for providers that write numbers as text."""
    if isinstance(value, str):
        text = value.strip()
        return number(float(text)) if _NUMERAL.fullmatch(text) else None
    return number(value)


def instant(value: object) -> datetime | None:
    """Epoch seconds, as a number or as text, or ISO 8601 with its zone; aware, in UTC. None for anything else.

    Digits beyond microseconds are cut off.
    """
    try:
        if (seconds := numeral(value)) is not None:
            return datetime.fromtimestamp(seconds, UTC)
        if isinstance(value, str):
            read = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
            return read.astimezone(UTC) if read.tzinfo is not None else None
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")

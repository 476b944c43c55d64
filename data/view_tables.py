"""The tables of pages by name: what a page's CSV button, an address and a manifest name.

Every one is a function of a snapshot and of what an address says, never of when one looks: the same snapshot and the
same address make the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from data import queries, view
from data.market_tables import MARKET_TABLES
from data.queries import Asked
from data.reading import Reading
from data.view import NAMES, View

#: What the Claims page opens with: what a source says otherwise of.
OPEN_CLAIMS = ("differs", "another definition")
#: What an address of the Claims page says besides the clock and the zone.
CLAIM_NAMES = ("verdict", "quantity", "of", "tense", "since", "until", "text")
#: What a page's address says that changes no table.
SILENT = ("claim", "preset")
_ALL = 2**62
#: What of an article is told of a story's; its text is its publisher's.
_ARTICLE = [
    *("article_id", "source", "publisher", "url", "title", "author", "language", "published_at"),
    *("published_precision", "published_not_before", "indexed_at", "first_seen_at", "known_at", "known_at_assumed"),
    *("relation", "similarity"),
]


class BadAddress(ValueError):
    """An address does not say which table or rows; the message is a sentence for who typed it."""


def stories(reading: Reading, of: View) -> pd.DataFrame:
    """The table below the timeline, every row of the range, newest first."""
    return reading.rows(of)[0]


def prices(reading: Reading, of: View) -> pd.DataFrame:
    """The bars that the chart draws, with their length in seconds (``bar_s``)."""
    found = reading.prices(of)
    return found.bars.assign(bar_s=found.bar_s)


def compared(reading: Reading, of: View) -> pd.DataFrame:
    """Closes of several assets, each 100 at the first instant of the range that all have: ``asset, at, value``."""
    found = [frame.assign(asset=asset)[["asset", "at", "value"]] for asset, frame in reading.compared(of).items()]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["asset", "at", "value"])


def notes(reading: Reading, of: View) -> pd.DataFrame:
    """The notes that stand in the range."""
    return queries.notes(reading.snapshot, of.start, of.end, of.known_at)


def story(reading: Reading, of: View) -> pd.DataFrame:
    """The articles of the chosen story, without their texts; no row where none is chosen."""
    return queries.story_articles(reading.snapshot, of.story or "", of.known_at)[_ARTICLE]


def story_claims(reading: Reading, of: View) -> pd.DataFrame:
    """The claims of the chosen story, a row a check."""
    return queries.story_claims(reading.snapshot, of.story or "", of.known_at)


def claims(reading: Reading, of: View) -> pd.DataFrame:
    """Every claim of an article of the range that meets the search, newest first."""
    return queries.claim_queue(reading.snapshot, Asked(start=of.start, end=of.end, text=of.search), _ALL, of.known_at)


VIEW_TABLES: dict[str, Callable[[Reading, View], pd.DataFrame]] = {
    "stories": stories,
    "prices": prices,
    "compared": compared,
    "market-caps": lambda reading, of: reading.totals(of),
    "dominance": lambda reading, of: reading.dominance(of),
    "notes": notes,
    "claims": claims,
    "story": story,
    "story-claims": story_claims,
    **MARKET_TABLES,
}


def shown(of: View) -> list[str]:
    """The tables that the timeline shows of a view."""
    names = ["stories"]
    if "price" in of.panels or "volume" in of.panels:
        names += ["prices", "compared"] if of.compare else ["prices"]
    names += [name for panel, name in (("caps", "market-caps"), ("dominance", "dominance")) if panel in of.panels]
    if "notes" in of.panels:
        names.append("notes")
    return names + (["story", "story-claims"] if of.story else [])


def table(reading: Reading, name: str, params: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """A table of what an address says: its query, by name. Raises BadAddress where a part cannot be read.

    ``claims`` understands the Claims page's address, and is asked by it where the address has one of its parts.
    """
    if name not in VIEW_TABLES:
        raise BadAddress(f"There is no table {name[:60]}. There are: {', '.join(VIEW_TABLES)}.")
    unknown = [given for given in params if given not in (*NAMES.values(), *CLAIM_NAMES, *SILENT)]
    if unknown:
        allowed = CLAIM_NAMES if name == "claims" else NAMES.values()
        raise BadAddress(f"An address has no part {unknown[0][:60]}. {name} reads: {', '.join(allowed)}.")
    if name == "claims" and not {"from", "to"} & {*params}:
        asked, known_at = claims_asked(params)
        return queries.claim_queue(reading.snapshot, asked, _ALL, known_at)
    return VIEW_TABLES[name](reading, viewed(reading, params))


def viewed(reading: Reading, params: Mapping[str, Sequence[str]]) -> View:
    """The view that an address names; what it does not say is as the timeline opens. Raises BadAddress."""
    known_at = _read("known", params, view.clock)
    of, told = view.parse(params, reading.opening(known_at))
    if told:
        # On a page what cannot be read is left out; who asks for a file would not see that.
        raise BadAddress(
            told[0].replace(", which is left out", ", which cannot be used").replace("; it is turned round", "")
        )
    return of


def claims_asked(params: Mapping[str, Sequence[str]]) -> tuple[Asked, pd.Timestamp | None]:
    """What an address of the Claims page asks for, and its clock. Raises BadAddress."""
    standings = tuple(_values("verdict", params)) or OPEN_CLAIMS
    if not {*standings} <= {*queries.STANDINGS}:
        raise BadAddress(f"A verdict is one of {', '.join(queries.STANDINGS)}.")
    since, until = (_read(name, params, _day) for name in ("since", "until"))
    if since is not None and until is not None and since > until:
        raise BadAddress(f"The period ends ({until:%Y-%m-%d}) before it begins ({since:%Y-%m-%d}).")
    asked = Asked(
        quantities=tuple(_values("quantity", params)),
        assets=tuple(_values("of", params)),
        modalities=tuple(_values("tense", params)),
        standings=standings,
        start=since,
        end=None if until is None else until + pd.Timedelta(days=1),
        text=next(iter(_values("text", params)), ""),
    )
    return asked, _read("known", params, view.clock)


def _values(name: str, params: Mapping[str, Sequence[str]]) -> list[str]:
    given = params.get(name, ())
    values = [value for value in ([given] if isinstance(given, str) else given) if value]
    if len(values) > view.MOST_NAMES or any(len(value) > view.MOST_TEXT for value in values):
        raise BadAddress(f"Of {name} at most {view.MOST_NAMES} values of {view.MOST_TEXT} characters are read.")
    return values


def _read(name: str, params: Mapping[str, Sequence[str]], read: Callable[[str], pd.Timestamp]) -> pd.Timestamp | None:
    values = _values(name, params)
    try:
        return read(values[-1]) if values else None
    except ValueError as error:
        raise BadAddress(f"The address says {name}={values[-1][:40]}, which cannot be used: {error}.") from None


def _day(text: str) -> pd.Timestamp:
    at = view.clock(text)
    if at != at.normalize():
        raise ValueError("it is not a day such as 2025-03-28")
    return at

"""The stories of a range as rows, each with the market it met, from arrays: no SQL while a range moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.queries.engine import UTC, Held, run, tables
from data.queries.timeline import NO_FILTERS, Filters, fitting_rows
from data.queries.timeline_index import NOW, Members, Names, StoryIndex, us
from data.tables import HORIZONS_H

if TYPE_CHECKING:
    from data.lake import Snapshot

MOVES = tuple(f"log_return_{name}" for name in HORIZONS_H)
COLUMNS = (
    *("story_id", "shown_at", "published_precision", "title", "publisher", "source", "topics", "assets", "articles"),
    *("price_usd", *MOVES, "outcome"),
)
#: Outcomes that say what came of the week after a story.
_OF_A_WEEK = ("used", "gaps", "overlaps")
#: What is said of a story that no market was paired with.
NOT_PAIRED = "no_price"
_NONE = np.iinfo(np.int64).min
_HOUR = 3_600_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Contexts:
    """The market that stories met, of one asset, one place a row of a ``StoryIndex``.

    ``anchor_at`` is microseconds since 1970, ``moves`` log returns by column name; missing figures are NaN.
    """

    anchor_at: np.ndarray
    price_usd: np.ndarray
    moves: dict[str, np.ndarray]
    outcome: np.ndarray
    outcomes: list[str]


def story_contexts(snapshot: Snapshot, index: StoryIndex) -> dict[str, Contexts]:
    """Every asset's contexts, by its symbol. Some 2 s and 50 MB an asset for a million articles."""
    place = pa.array(np.arange(len(index.shown), dtype="int32"))
    numbered = pa.table({"story_id": index.story_id, "row": place})
    found = run(
        f"""SELECT c.asset, r.row, c.anchor_at, c.price_usd, {", ".join(f"c.{name}" for name in MOVES)}, c.outcome
            FROM {{rows}} r JOIN {{contexts}} c USING (story_id) ORDER BY c.asset""",
        {**tables(snapshot, "contexts"), "rows": Held(numbered)},
    )
    assets = found["asset"].combine_chunks().dictionary_encode()
    ends = np.cumsum(np.bincount(assets.indices)) if len(found) else ()
    by_asset, first = {}, 0
    for asset, end in zip(assets.dictionary.to_pylist(), ends, strict=True):
        by_asset[asset] = _contexts(found.slice(first, end - first), len(index.shown))
        first = end
    return by_asset


def _contexts(found: pa.Table, rows: int) -> Contexts:
    place = found["row"].to_numpy()

    def spread(values: np.ndarray, empty: float) -> np.ndarray:
        whole = np.full(rows, empty, dtype=values.dtype)
        whole[place] = values
        return whole

    outcome = found["outcome"].combine_chunks().dictionary_encode()
    outcomes = [*outcome.dictionary.to_pylist(), NOT_PAIRED]
    return Contexts(
        anchor_at=spread(us(found["anchor_at"]), _NONE),
        price_usd=spread(found["price_usd"].to_numpy(), np.nan),
        moves={name: spread(found[name].to_numpy(), np.nan) for name in MOVES},
        outcome=spread(outcome.indices.to_numpy().astype(np.int8), len(outcomes) - 1),
        outcomes=outcomes,
    )


def table_rows(
    index: StoryIndex,
    contexts: Contexts | None,
    start: datetime,
    end: datetime,
    *,
    filters: Filters = NO_FILTERS,
    known_at: datetime | None = None,
    first: int = 0,
    count: int | None = None,
    columns: Sequence[str] = COLUMNS,
) -> tuple[pa.Table, int]:
    """The stories that ``marks`` shows or counts, newest first, ``count`` of them from the ``first``; and how many.

    ``columns``: of COLUMNS, those that are made; ``topics`` and ``assets`` are joined by "; ". All are as they were
    known at the clock, a move that ends after it missing.
    """
    fitting = fitting_rows(index, filters, known_at)
    every, clock = fitting.between(start, end), fitting.clock
    rows = every[::-1][first : None if count is None else first + count]
    taken = pa.array(rows)
    make = {
        "story_id": lambda: index.story_id.take(taken),
        "shown_at": lambda: pa.array(index.shown[rows]).cast(UTC),
        "published_precision": lambda: _named(index.precisions, index.precision[rows]),
        "title": lambda: index.title.take(taken),
        "publisher": lambda: _named(index.publishers, index.publisher[rows]),
        "source": lambda: _named(index.sources, index.source[rows]),
        "topics": lambda: _joined(index.named["topic"], rows, clock),
        "assets": lambda: _joined(index.named["asset"], rows, clock),
        "articles": lambda: pa.array(_counted(index.articles, rows, clock)),
    }
    market = _market(index, contexts, rows, clock)
    return pa.table({name: make[name]() if name in make else market[name] for name in columns}), len(every)


def place_of(
    index: StoryIndex,
    story_id: str,
    start: datetime,
    end: datetime,
    *,
    filters: Filters = NO_FILTERS,
    known_at: datetime | None = None,
) -> int | None:
    """Where a story stands among ``table_rows``, 0 the newest; ``None`` where it is not among them."""
    rows = fitting_rows(index, filters, known_at).between(start, end)
    for row in rows_of(index, story_id).tolist():
        place = int(np.searchsorted(rows, np.array(row, dtype=rows.dtype)))
        if place < len(rows) and rows[place] == row:
            return len(rows) - 1 - place
    return None


def rows_of(index: StoryIndex, story_id: str) -> np.ndarray:
    """The rows that a story has had; remembered by the index."""

    def found() -> np.ndarray:
        return np.flatnonzero(pc.equal(index.story_id, story_id).to_numpy(zero_copy_only=False))

    return index.remembered.get(("story", story_id), found)


def _market(
    index: StoryIndex, contexts: Contexts | None, rows: np.ndarray, clock: int
) -> dict[str, np.ndarray | pa.Array]:
    """What ``queries.stories`` says of the market at a clock."""
    if contexts is None:
        nothing = np.full(len(rows), np.nan)
        return {
            "price_usd": nothing,
            **dict.fromkeys(MOVES, nothing),
            "outcome": pa.array([NOT_PAIRED] * len(rows), pa.string()),
        }
    price, outcome = contexts.price_usd[rows], contexts.outcome[rows]
    moves = {name: contexts.moves[name][rows] for name in MOVES}
    outcomes = contexts.outcomes
    if clock != NOW:
        anchor = contexts.anchor_at[rows]
        # A story is paired by its first article of now: an earlier one stood elsewhere.
        known = index.paired[rows] & (anchor != _NONE) & (anchor <= clock)
        outcomes = [*outcomes, "out_of_span"]
        last = anchor + max(HORIZONS_H.values()) * _HOUR
        week = np.array([name in _OF_A_WEEK for name in outcomes])[outcome]
        outcome = np.where(week & (last > clock), len(outcomes) - 1, outcome)
        outcome = np.where(known, outcome, len(contexts.outcomes) - 1)
        price = np.where(known, price, np.nan)
        for name, hours in HORIZONS_H.items():
            ended = known & (anchor + max(hours, 0) * _HOUR <= clock)
            moves[f"log_return_{name}"] = np.where(ended, moves[f"log_return_{name}"], np.nan)
    return {"price_usd": price, **moves, "outcome": _named(outcomes, outcome)}


def _named(values: list[str], codes: np.ndarray) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(codes))


def _parts(of: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places in ``of`` (sorted rows) that are about one of ``rows``, and which of them each is about."""
    rows = rows.astype(of.dtype)  # numbers of another type would copy all that is searched
    first, last = np.searchsorted(of, rows), np.searchsorted(of, rows, side="right")
    many = last - first
    about = np.repeat(np.arange(len(rows)), many)
    return np.arange(len(about)) + np.repeat(first - (np.cumsum(many) - many), many), about


def _counted(members: Members, rows: np.ndarray, clock: int) -> np.ndarray:
    places, about = _parts(members.rows, rows)
    return np.bincount(about[members.since[places] <= clock], minlength=len(rows))


def _joined(names: Names, rows: np.ndarray, clock: int) -> pa.Array:
    """What rows name at the clock, each name once, in order."""
    places, about = _parts(names.rows, rows)
    known = names.hold(places, clock)
    used, code = np.unique(names.codes[places[known]], return_inverse=True)
    values = [names.values[n] for n in used]
    ordered = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values), dtype=np.int64)
    rank[ordered] = np.arange(len(values))
    # A row and a name in one number, so that sorting them once gives each row's names in order.
    named = np.unique(about[known] * len(values) + rank[code])
    said: list[list[str]] = [[] for _ in range(len(rows))]
    for row, name in zip(*(part.tolist() for part in np.divmod(named, max(len(values), 1))), strict=True):
        said[row].append(values[ordered[name]])
    return pa.array(["; ".join(one) for one in said], pa.string())

"""Whole tables, as known at a clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa

from data.queries.engine import cursor, quote, run, stream, tables
from data.queries.tables_then import then
from data.tables import TABLES

if TYPE_CHECKING:
    from data.lake import Snapshot


#: Rows sorted at a time, so that a table of any length is written in a bounded memory.
PIECE = 250_000
#: Rows handed over at a time.
CHUNK = 20_000
#: What a condition from outside may call besides comparisons: nothing that grows, waits, or asks for a setting.
ALLOWED = {
    *("+", "-", "*", "/", "//", "%", "abs", "round", "floor", "ceil"),
    *("~~", "!~~", "~~*", "!~~*", "lower", "upper", "contains", "starts_with", "ends_with", "prefix", "suffix"),
    *("length", "date_trunc", "date_part", "year", "month", "day", "hour", "dayofweek", "make_timestamp"),
}
_CLASSES = {
    *("COMPARISON", "CONJUNCTION", "CONSTANT", "COLUMN_REF", "FUNCTION", "OPERATOR", "CAST", "BETWEEN", "CASE", "TYPE"),
}
LONGEST_CONDITION = 2_000
DEEPEST = 100


def export(snapshot: Snapshot, table: str, where: str | None = None, known_at: datetime | None = None) -> pd.DataFrame:
    """A whole table in its declared column and key order, as known at the clock.

    ``where`` is a condition in SQL over the table's columns. Raises ValueError where DuckDB cannot read it,
    or where it is more than a condition.
    """
    asked = _Asked(snapshot, table, where, known_at)
    return pd.concat(asked.frames([asked.statement()]), ignore_index=True)


def exported(
    snapshot: Snapshot, table: str, where: str | None = None, known_at: datetime | None = None
) -> Iterator[pd.DataFrame]:
    """``export`` some ``CHUNK`` rows at a time, sorted some ``PIECE`` rows at a time: at least one frame.

    Raises ValueError before the first frame.
    """
    asked = _Asked(snapshot, table, where, known_at)
    return asked.frames(asked.pieces())


class _Asked:
    """One table as it is asked for: its statements, and their results."""

    def __init__(self, snapshot: Snapshot, table: str, where: str | None, known_at: datetime | None) -> None:
        self.snapshot, self.declared, self.known_at = snapshot, TABLES[table], known_at
        # The condition is of what was known then: rows it picks by what came later would tell of that.
        self.source = f"{{{table}}}" if known_at is None else f"({then(table)})"
        self.conditions = []
        if where:
            _refuse_more_than_a_condition(where)
            self.conditions.append("(" + where.replace("{", "{{").replace("}", "}}") + "\n)")
        self.where = where
        self.order = [f'"{name}"' for name in (self.declared.order_by or self.declared.key)]

    def statement(self, *more: str) -> tuple[str, dict[str, object], str]:
        """The rows that meet ``more``, too: statement, parameters, and what skips files."""
        columns = ", ".join(f'"{name}"' for name in self.declared.names)
        return f"SELECT {columns} {self._from(*more)} ORDER BY {', '.join(self.order)}", {}, ""

    def _from(self, *more: str) -> str:
        conditions = [*self.conditions, *more]
        return f"FROM {self.source}" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")

    def pieces(self) -> Iterator[tuple[str, dict[str, object], str]]:
        """The statements whose results, one after the other, are the whole; none of more than ``PIECE`` rows or so."""
        if self.declared.partition_by:
            return self._by_partition()
        return self._by_first_column()

    def _by_partition(self) -> Iterator[tuple[str, dict[str, object], str]]:
        """Of one series and one span at a time: a later span is of later bars."""
        parts = [name for name in self.declared.key if name != self.declared.key[-1]] + ["span"]
        named = ", ".join(f'"{name}"' for name in parts)
        for row in self._rows(f"SELECT DISTINCT {named} {self._from()} ORDER BY {named}"):
            prune = " AND ".join(f'"{name}" = {quote(row[name])}' for name in self.declared.partition_by)
            statement, _, _ = self.statement(*(f'"{name}" = $part_{name}' for name in parts))
            yield statement, {f"part_{name}": row[name] for name in parts}, prune

    def _by_first_column(self) -> Iterator[tuple[str, dict[str, object], str]]:
        first, last = self.order[0], None
        numbered = f"SELECT {first} AS cut, (row_number() OVER (ORDER BY {first}) - 1) // {PIECE} AS n {self._from()}"
        cuts = [
            row["cut"] for row in self._rows(f"SELECT DISTINCT max(cut) AS cut FROM ({numbered}) GROUP BY n ORDER BY 1")
        ]
        for cut in cuts[:-1]:
            after = [f"{first} > $after"] if last is not None else []
            yield self.statement(*after, f"{first} <= $until")[0], {"after": last, "until": cut}, ""
            last = cut
        yield self.statement(*([f"{first} > $after"] if last is not None else []))[0], {"after": last}, ""

    def _rows(self, statement: str) -> list[dict]:
        with self._plainly():
            return run(statement, tables(self.snapshot, *TABLES), {"known_at": self.known_at}).to_pylist()

    def frames(self, pieces: Iterable[tuple[str, dict[str, object], str]]) -> Iterator[pd.DataFrame]:
        sources, none = tables(self.snapshot, *TABLES), True
        name = self.declared.name
        for statement, parameters, prune in pieces:
            if prune:
                sources[name] = self.snapshot.source(name, prune)
            with self._plainly():
                for batch in stream(statement, sources, {**parameters, "known_at": self.known_at}, rows=CHUNK):
                    none = False
                    yield to_pandas(batch)
        if none:
            yield to_pandas(self.declared.schema.empty_table())

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            if not self.where:
                raise
            raise ValueError(
                f"--where cannot be read: {str(error).splitlines()[0]}. It is a condition over the columns "
                f"of {self.declared.name}: {', '.join(self.declared.names)}."
            ) from error


def to_pandas(rows: pa.RecordBatch | pa.Table) -> pd.DataFrame:
    """A whole number stays one beside a null, whichever rows come together."""
    return rows.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get)


def _refuse_more_than_a_condition(where: str) -> None:
    """A filter reads this table and nothing else: one expression, without a query of its own within it."""
    try:
        duckdb.SQLExpression(where)
        parsed = _serialized(where)
    except duckdb.Error as error:
        raise ValueError(f"--where takes one condition: {str(error).splitlines()[0]}") from error
    if '"class":"SUBQUERY"' in parsed:
        raise ValueError("--where takes a condition over the table's own columns, not a query within it.")


def refuse_costly(where: str) -> None:
    """Raises ValueError for a condition of someone far away that does more than compare the table's columns."""
    if len(where) > LONGEST_CONDITION:
        raise ValueError(f"where has {len(where):,} characters; {LONGEST_CONDITION:,} are read.")
    _refuse_more_than_a_condition(where)
    parsed = json.loads(_serialized(where))
    for node in _nodes(parsed["statements"][0]["node"]["where_clause"]):
        called = node.get("function_name") if node["class"] == "FUNCTION" else None
        if node["class"] not in _CLASSES or (called is not None and called not in ALLOWED):
            named = called or node["class"].lower()
            raise ValueError(f"where takes comparisons of the table's columns; {named} cannot be used in an address.")


def _nodes(parsed: object, depth: int = 0) -> Iterator[dict]:
    if depth > DEEPEST:
        raise ValueError("where is nested too deeply.")
    if isinstance(parsed, dict):
        if "class" in parsed:
            yield parsed
        parsed = list(parsed.values())
    for part in parsed if isinstance(parsed, list) else ():
        yield from _nodes(part, depth + 1)


def _serialized(where: str) -> str:
    mine = cursor()
    try:
        return mine.execute("SELECT json_serialize_sql($1)", [f"SELECT 1 WHERE (\n{where}\n)"]).fetchone()[0]
    finally:
        mine.close()

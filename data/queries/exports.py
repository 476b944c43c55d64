"""Whole tables, as known at a clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from data.queries.engine import cursor, frame, run, tables
from data.tables import HORIZONS_H, INTERVAL_S, TABLES

if TYPE_CHECKING:
    from data.lake import Snapshot


#: What article_versions keeps of an article.
VERSIONED = ("title", "summary", "text", "published_at", "published_precision")
#: Stories whose first article, by which they are paired, was known at the clock.
PAIRED_THEN = (
    "SELECT s.story_id FROM {stories} s JOIN {articles} a ON a.article_id = s.first_article_id "
    "WHERE a.known_at <= $known_at"
)
#: The first article of each story of those known at the clock.
_FIRST_THEN = """SELECT m.story_id AS whose, arg_min(a.article_id, (m.placed_at, a.article_id)) AS "first_article_id",
       arg_min(coalesce(v.title, a.title), (m.placed_at, a.article_id)) AS "title",
       arg_min(coalesce(a.published_precision, ''), (m.placed_at, a.article_id)) AS "first_precision"
    FROM {story_members} m JOIN {articles} a USING (article_id)
    LEFT JOIN (SELECT article_id, title FROM {article_versions}
               WHERE seen_from <= $known_at AND seen_until > $known_at) v USING (article_id)
    WHERE a.known_at <= $known_at GROUP BY m.story_id"""
_CLOCKS = {
    "candles": 'open_time + CASE "interval" '
    + " ".join(f"WHEN '{name}' THEN INTERVAL {seconds} SECOND" for name, seconds in INTERVAL_S.items())
    + " END <= $known_at",
    "mentions": "article_id IN (SELECT article_id FROM {articles} WHERE known_at <= $known_at)",
    "claims": "article_id IN (SELECT article_id FROM {articles} WHERE known_at <= $known_at)",
    "story_members": "article_id IN (SELECT article_id FROM {articles} WHERE known_at <= $known_at)",
    "claim_checks": "known_at <= $known_at AND "
    "article_id IN (SELECT article_id FROM {articles} WHERE known_at <= $known_at)",
    "contexts": f"anchor_at <= $known_at AND story_id IN ({PAIRED_THEN})",
    "context_caps": f"period_end <= $known_at AND story_id IN ({PAIRED_THEN})",
    "runs": "finished_at <= $known_at",
    "rejects": "run_id IN (SELECT run_id FROM {runs} WHERE finished_at <= $known_at)",
}


def export(snapshot: Snapshot, table: str, where: str | None = None, known_at: datetime | None = None) -> pd.DataFrame:
    """A whole table in its declared column and key order, as known at the clock.

    ``where`` is a condition in SQL over the table's columns. Raises ValueError where DuckDB cannot read it,
    or where it is more than a condition.
    """
    declared = TABLES[table]
    conditions = []
    if known_at is not None:
        conditions.append(
            _CLOCKS.get(table)
            or (f"{declared.known_at} <= $known_at" if declared.known_at else "created_at <= $known_at")
        )
    if where:
        _refuse_more_than_a_condition(where)
        conditions.append("(" + where.replace("{", "{{").replace("}", "}}") + "\n)")
    columns = ", ".join(_clocked(table, name, known_at) for name in declared.names)
    order = ", ".join(f'"{name}"' for name in (declared.order_by or declared.key))
    filtered = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    try:
        return frame(
            run(
                f"SELECT {columns} FROM {{{table}}} {filtered} ORDER BY {order}",
                tables(snapshot, *TABLES),
                {"known_at": known_at},
            )
        )
    except duckdb.Error as error:
        raise ValueError(
            f"--where cannot be read: {str(error).splitlines()[0]}. It is a condition over the columns "
            f"of {table}: {', '.join(declared.names)}."
        ) from error


def _clocked(table: str, name: str, known_at: datetime | None) -> str:
    """A column as the clock allows it: what came later than the clock is empty."""
    if known_at is not None and table == "contexts":
        for horizon, hours in HORIZONS_H.items():
            if name in (f"log_return_{horizon}", f"sigma_{horizon}") and hours > 0:
                return f'CASE WHEN anchor_at + INTERVAL {hours} HOUR <= $known_at THEN "{name}" END AS "{name}"'
    if known_at is not None and (table, name) == ("contexts", "outcome"):
        longest = max(HORIZONS_H.values())
        later = f"outcome = 'used' AND anchor_at + INTERVAL {longest} HOUR > $known_at"
        return f"CASE WHEN {later} THEN 'out_of_span' ELSE outcome END AS \"outcome\""
    if known_at is not None and (table, name) in {("claim_checks", "also_matches"), ("stories", "merged_into")}:
        return f'CAST(NULL AS VARCHAR) AS "{name}"'
    if known_at is not None and table == "stories" and name in ("first_article_id", "title", "first_precision"):
        return f'(SELECT any_value(nullif("{name}", \'\')) FROM ({_FIRST_THEN}) WHERE whose = story_id) AS "{name}"'
    if known_at is not None and (table, name) == ("stories", "first_at"):
        return f'CASE WHEN story_id IN ({PAIRED_THEN}) THEN first_at END AS "first_at"'
    if known_at is not None and (table, name) == ("stories", "last_at"):
        return 'CASE WHEN last_at <= $known_at THEN last_at END AS "last_at"'
    if known_at is not None and (table, name) == ("articles", "revised_at"):
        return 'CASE WHEN revised_at <= $known_at THEN revised_at END AS "revised_at"'
    if known_at is not None and table == "articles" and name in VERSIONED:
        # What it said then, where its publisher has changed it since.
        return (
            "CASE WHEN revised_at > $known_at THEN (SELECT any_value(told) FROM "
            f'(SELECT article_id AS whose, "{name}" AS told FROM {{article_versions}} '
            "WHERE seen_from <= $known_at AND seen_until > $known_at) WHERE whose = article_id) "
            f'ELSE "{name}" END AS "{name}"'
        )
    return f'"{name}"'


def _refuse_more_than_a_condition(where: str) -> None:
    """A filter reads this table and nothing else: one expression, without a query of its own within it."""
    try:
        duckdb.SQLExpression(where)
        parsed = cursor().execute("SELECT json_serialize_sql($1)", [f"SELECT 1 WHERE (\n{where}\n)"])
    except duckdb.Error as error:
        raise ValueError(f"--where takes one condition: {str(error).splitlines()[0]}") from error
    if '"class":"SUBQUERY"' in parsed.fetchone()[0]:
        raise ValueError("--where takes a condition over the table's own columns, not a query within it.")

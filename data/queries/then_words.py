"""What articles said and stated at a clock, as parts of queries: of the pages, of claims and of the exports.

The clock is ``$known_at``; where it is null, everything is as it is now. An article is ``a``, beside what versions have
of it then, ``told`` (``TOLD``, joined from the left); where its publisher, author or language is asked for, also beside
``later`` (``LATER``). ``docs/replay.md`` says what is not kept.
"""

from __future__ import annotations

#: When a story is shown: its first article's publication, else its earliest possible one, else when it was known.
SHOWN_AT = "coalesce(a.published_at, a.indexed_at, a.published_not_before, a.known_at)"
#: What article_versions keeps of an article, and what it does not of its text.
VERSIONED = ("title", "summary", "text", "published_at", "published_precision")
UNVERSIONED = ("body", "captions", "posts", "boilerplate", "date_conflicts")
#: What analysts correct besides: a correction has its time, a publisher's change has none.
CORRECTED = ("publisher", "author", "language")

#: What an article said at the clock, where its publisher has changed it since. ``words``: what offsets count in.
TOLD = """told AS (
              SELECT article_id, revision, title, summary, text, published_at, published_precision,
                     concat(title, chr(10), coalesce(text, summary)) AS words,
                     CASE WHEN seen_from > first_from THEN seen_from END AS revised_at
              FROM (SELECT *, min(seen_from) OVER (PARTITION BY article_id) AS first_from FROM {article_versions})
              WHERE seen_from <= $known_at AND seen_until > $known_at
              QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY revision) = 1)"""
#: Articles that are corrected after the clock: the correction that held at it, of each column, and whether one follows.
LATER = f"""later AS (
      SELECT target_id AS article_id, {
    ", ".join(
        f"arg_max_null(value, (created_at, annotation_id)) FILTER (field = '{name}' AND created_at <= $known_at) "
        f"AS {name}, bool_or(field = '{name}' AND created_at > $known_at) AS {name}_follows"
        for name in CORRECTED
    )
}
      FROM {{annotations}} WHERE target_kind = 'article' AND field IS NOT NULL AND field NOT IN ('mention', 'claim')
      GROUP BY target_id HAVING bool_or(created_at > $known_at))"""

#: Whether it says otherwise now than at the clock.
CHANGED = "(told.article_id IS NOT NULL OR coalesce(a.revised_at > $known_at, false))"
#: Whether what it said then is stored. (Where known_at was assumed and has moved back, versions may not reach to it.)
KEPT = "(told.article_id IS NOT NULL OR NOT coalesce(a.revised_at > $known_at, false))"
#: Columns as it said them then: empty where that is not kept.
SAID_THEN = {name: f"CASE WHEN {CHANGED} THEN told.{name} ELSE a.{name} END" for name in VERSIONED}
TITLE_DERIVED = f"CASE WHEN NOT {CHANGED} OR told.title = a.title THEN a.title_derived END"
_PUBLISHED, _PRECISION = SAID_THEN["published_at"], SAID_THEN["published_precision"]
INDEXED = "CASE WHEN $known_at IS NULL OR a.indexed_at <= $known_at THEN a.indexed_at END"

#: As ``SHOWN_AT``, of what was stated at the clock; and how exactly that is known.
SHOWN_THEN = f"coalesce({_PUBLISHED}, {INDEXED}, a.published_not_before, a.known_at)"
SHOWN_PRECISION = f"""CASE WHEN {_PUBLISHED} IS NOT NULL THEN {_PRECISION}
                   WHEN {INDEXED} IS NULL AND a.published_not_before IS NOT NULL THEN 'day' END"""
#: Whether the publication stated at the clock is the one that holds now, which times were read by.
DATED_ALIKE = f"""({_PUBLISHED} IS NOT DISTINCT FROM a.published_at
                   AND {_PRECISION} IS NOT DISTINCT FROM a.published_precision)"""
#: Whether the time that figures of an undated article are read by was there.
_TIMED = "(a.published_at IS NOT NULL OR a.indexed_at IS NULL OR $known_at IS NULL OR a.indexed_at <= $known_at)"

#: A mention ``n`` that the text of the clock has too; one that an analyst added, from when they did.
SAID = f"""(n.basis <> 'text' OR ({KEPT} AND (told.article_id IS NULL OR contains(told.words, n.quote))))
              AND ($known_at IS NULL OR n.basis <> 'corrected' OR EXISTS (
                SELECT 1 FROM {{annotations}} t
                WHERE t.target_id = n.article_id AND t.field = 'mention' AND t.created_at <= $known_at
                  AND CASE WHEN json_valid(t.value) THEN json_extract_string(t.value, '$.value') = n.value END))"""
#: A claim ``c`` that can be read from what its article said at the clock, and that no analyst has changed since.
STATED = f"""{KEPT} AND {_TIMED} AND {DATED_ALIKE} AND (told.article_id IS NULL OR contains(told.words, c.quote))
              AND NOT EXISTS (
                SELECT 1 FROM {{annotations}} t
                WHERE t.target_id = c.article_id AND t.field = 'claim' AND t.created_at > $known_at
                  AND CASE WHEN json_valid(t.value) THEN json_extract_string(t.value, '$.quote') = c.quote END)"""


def corrected(name: str) -> str:
    """A column of ``CORRECTED`` as corrections before the clock left it; else as it was stated, where that is kept."""
    stated = f"CASE WHEN json_valid(a.stated) THEN json_exists(a.stated, '$.{name}') END"
    return f"""CASE WHEN NOT coalesce(later.{name}_follows, false) THEN a.{name}
                 WHEN json_valid(later.{name}) THEN json_extract_string(later.{name}, '$')
                 WHEN {stated} THEN json_extract_string(a.stated, '$.{name}') ELSE a.{name} END"""


def article_columns() -> str:
    """What stands in for columns of ``a``, as after ``REPLACE``."""
    columns = dict(SAID_THEN)
    columns |= {name: f"CASE WHEN NOT {CHANGED} THEN a.{name} END" for name in UNVERSIONED}
    columns |= {name: corrected(name) for name in CORRECTED}
    columns |= {
        "title_derived": TITLE_DERIVED,
        "stated": f"CASE WHEN NOT {CHANGED} AND later.article_id IS NULL THEN a.stated END",
        "indexed_at": INDEXED,
        "first_seen_at": "CASE WHEN $known_at IS NULL OR a.first_seen_at <= $known_at THEN a.first_seen_at END",
        "revisions": f"CASE WHEN {CHANGED} THEN coalesce(told.revision, 0) ELSE a.revisions END",
        "revised_at": f"CASE WHEN {CHANGED} THEN told.revised_at ELSE a.revised_at END",
    }
    return ", ".join(f"{value} AS {name}" for name, value in columns.items())

"""What a merge would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from data.columns import Table
from data.queries.engine import Held, Source, run


@dataclass(frozen=True)
class Sorted:
    new: pa.Table
    changed: pa.Table
    same: int


def classify(source: Source, rows: pa.Table, table: Table, *, keep: Sequence[str], protect: str) -> Sorted:
    """Sort incoming rows into new, changed and same against what is stored.

    Columns in ``keep`` take the stored value and do not make a row "changed". Where ``protect`` names a
    column, an incoming row that has it set is "same" whenever the stored row has it empty.
    """
    names = table.names
    join = " AND ".join(f's."{name}" = t."{name}"' for name in table.key)
    compared = [n for n in table.values if n not in keep and n not in table.partition_by and n != protect]
    differs = " OR ".join(f's."{n}" IS DISTINCT FROM t."{n}"' for n in compared) or "false"
    if protect:
        differs = f'(({differs}) AND NOT (s."{protect}" IS NOT NULL AND t."{protect}" IS NULL))'
        differs += f' OR (s."{protect}" IS NULL AND t."{protect}" IS NOT NULL)'
    first_key = table.key[0]
    out = ", ".join(
        f'CASE WHEN t."{first_key}" IS NULL THEN s."{n}" ELSE t."{n}" END AS "{n}"'
        if n in keep
        else f's."{n}" AS "{n}"'
        for n in names
    )
    result = run(
        f'SELECT {out}, CASE WHEN t."{first_key}" IS NULL THEN 0 WHEN {differs} THEN 1 ELSE 2 END AS "@state" '
        f"FROM {{incoming}} s LEFT JOIN {{stored}} t ON {join}",
        {"incoming": Held(rows), "stored": source},
    )
    state = result["@state"].to_pandas().to_numpy()
    result = result.select(names).cast(table.schema)
    return Sorted(result.filter(pa.array(state == 0)), result.filter(pa.array(state == 1)), int((state == 2).sum()))

"""The data dictionary, from the declarations: ``python -m data.dictionary > docs/tables.md``."""

from __future__ import annotations

import sys

from data.columns import TIME, Table
from data.tables import TABLES


def dictionary() -> str:
    """Every table and column as Markdown."""
    head = (
        "# Tables\n\nMade from `data/tables.py` by `python -m data.dictionary`. Instants are UTC; intervals are "
        "half-open; every table exports as CSV with these columns in this order.\n"
    )
    return head + "".join(_section(table) for table in TABLES.values())


def _section(table: Table) -> str:
    lines = [
        f"\n## {table.name}\n",
        f"{table.doc}\n",
        f"Key: {', '.join(f'`{name}`' for name in table.key)}.\n",
        "| column | type | null | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{c.name}` | {'instant' if c.type == TIME else c.type} | {'yes' if c.nullable else ''} | {c.doc}"
        + (f"; {c.rule}" if c.rule and c.rule != "must not be blank" else "")
        + " |"
        for c in table.columns
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(dictionary())

"""What tables are declared with: columns with their type, unit and check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

TEXT = pa.string()
REAL = pa.float64()
WHOLE = pa.int64()
TIME = pa.timestamp("us", tz="UTC")
FLAG = pa.bool_()

Check = Callable[[pd.Series], pd.Series]  # values (nulls left out) -> True where acceptable

#: Nothing this project is about happened before Bitcoin's first block.
EARLIEST = pd.Timestamp("2009-01-03", tz="UTC")
#: A stamp further ahead than this is a wrong unit or a wrong clock.
LATEST = pd.Timestamp("2100-01-01", tz="UTC")


@dataclass(frozen=True)
class Column:
    name: str
    type: pa.DataType
    doc: str
    nullable: bool = False
    check: Check | None = None
    rule: str = ""  # the check, as a rejected row's reason says it: "{name} {rule}"


@dataclass(frozen=True)
class Table:
    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition_by: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()  # row order of exports; the key where empty
    known_at: str | None = None  # column by which a row becomes visible to a clock

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, nullable=c.nullable) for c in self.columns])

    @property
    def values(self) -> list[str]:
        """The columns that are not part of the key."""
        return [name for name in self.names if name not in self.key]


def positive(values: pd.Series) -> pd.Series:
    return np.isfinite(values) & (values > 0)


def not_negative(values: pd.Series) -> pd.Series:
    return np.isfinite(values) & (values >= 0)


def finite(values: pd.Series) -> pd.Series:
    return pd.Series(np.isfinite(values), index=values.index)


def plausible_time(values: pd.Series) -> pd.Series:
    return (values >= EARLIEST) & (values < LATEST)


def one_of(*allowed: str) -> Check:
    return lambda values: values.isin(allowed)


def not_blank(values: pd.Series) -> pd.Series:
    return values.str.strip() != ""


def text(name: str, doc: str, *, nullable: bool = False, allowed: tuple[str, ...] = ()) -> Column:
    if allowed:
        return Column(name, TEXT, doc, nullable, one_of(*allowed), f"must be one of: {', '.join(allowed)}")
    if nullable:
        return Column(name, TEXT, doc, nullable)
    return Column(name, TEXT, doc, nullable, not_blank, "must not be blank")


def usd(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, REAL, f"{doc} (USD)", nullable, positive, "must be a positive number")


def real(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, REAL, doc, nullable, finite, "must be a finite number")


def amount(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, REAL, doc, nullable, not_negative, "must be zero or more")


def whole(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, WHOLE, doc, nullable, not_negative, "must be zero or more")


def instant(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, TIME, doc, nullable, plausible_time, "must lie between 2009-01-03 and 2100")


def flag(name: str, doc: str) -> Column:
    return Column(name, FLAG, doc)

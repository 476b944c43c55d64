"""The boundary: rows in, rows that fit their table out, and a reject with a reason for each of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from connectors.records import Reject
from data.columns import FLAG, REAL, TEXT, TIME, WHOLE, Column, Table
from data.correction_values import readable
from data.tables import INTERVAL_S

EXCERPT = 200
#: A stamp with a zone: Z, +00:00, +0000, UTC or GMT at its end.
ZONED = r"(?i)(?:z|[+-]\d{2}:?\d{2}|utc|gmt)\s*$"


@dataclass(frozen=True)
class Validated:
    rows: pa.Table  # the table's schema, one row a key
    rejects: tuple[Reject, ...]
    same: int  # rows equal to another row of the same input


def records_frame(records: Iterable[object], table: Table) -> pd.DataFrame:
    """Records as a frame of objects in the table's columns; columns a record lacks are None."""
    rows = [asdict(record) for record in records]
    return pd.DataFrame(rows, columns=table.names, dtype=object)


def validate(frame: pd.DataFrame, table: Table) -> Validated:
    """Check every row against the table's declaration.

    ``frame`` holds objects or text (as read from CSV): numbers, text, aware datetimes or ISO stamps with a
    zone. Missing optional columns count as null. A row with any fault is rejected whole, with all its
    faults named. Of rows that share a key the last counts: an equal one before it is ``same``, a
    different one is rejected.
    """
    frame = frame.reset_index(drop=True)
    faults = _Faults(len(frame))
    parsed: dict[str, pd.Series] = {}
    for column in table.columns:
        given = frame[column.name] if column.name in frame else pd.Series([None] * len(frame), dtype=object)
        parsed[column.name] = _parse(given, column, faults)
    good = pd.DataFrame(parsed)
    for name, rule in ROW_RULES.get(table.name, ()):
        faults.add(~rule(good).fillna(True).astype(bool), name)

    kept = good[faults.none()]
    earlier = kept.duplicated(list(table.key), keep="last")
    equal = kept.duplicated(table.names, keep="last") if earlier.any() else earlier
    faults.add_at(kept.index[earlier & ~equal], "a later row of the same input has the same key")
    result = kept[~earlier]
    rejects = tuple(Reject(reason, _excerpt(frame, index)) for index, reason in faults.reasons())
    return Validated(
        pa.Table.from_pandas(result, schema=table.schema, preserve_index=False), rejects, int((earlier & equal).sum())
    )


class _Faults:
    def __init__(self, size: int) -> None:
        self._found: list[list[str] | None] = [None] * size

    def add(self, where: pd.Series, reason: str) -> None:
        self.add_at(np.flatnonzero(where.to_numpy()), reason)

    def add_at(self, rows: Sequence[int], reason: str) -> None:
        for row in rows:
            if self._found[row] is None:
                self._found[row] = []
            self._found[row].append(reason)

    def none(self) -> np.ndarray:
        return np.array([found is None for found in self._found], dtype=bool)

    def reasons(self) -> Iterable[tuple[int, str]]:
        return ((row, "; ".join(found)) for row, found in enumerate(self._found) if found)


#: What a column without any value is in pandas, by its type in the lake.
_NULLS = {TEXT: "str", TIME: "datetime64[us, UTC]", FLAG: "boolean", REAL: "float64", WHOLE: "Int64"}


def _parse(given: pd.Series, column: Column, faults: _Faults) -> pd.Series:
    empty = _empty(given)
    if column.type not in (REAL, WHOLE):  # among numbers a NaN is a statement, and a wrong one
        empty |= given.isna()
    if not column.nullable:
        faults.add(empty, f"{column.name} is missing")
    if empty.all():  # most optional columns of most batches
        return pd.Series(None, index=given.index, dtype=_NULLS[column.type])
    if column.type == TEXT:
        known_clean = isinstance(given.dtype, pd.StringDtype) or empty.all()
        values = given if known_clean else given.map(_clean, na_action="ignore")
        values = (values.where(~empty, None) if empty.any() else values).astype("str")
    elif column.type == TIME:
        values = _times(given, empty, column, faults)
    elif column.type == FLAG:
        values = given.map({True: True, False: False, "true": True, "false": False, "True": True, "False": False})
        faults.add(values.isna() & ~empty, f"{column.name} must be true or false")
        values = values.astype("boolean")
    else:
        stated = ~empty
        values = pd.to_numeric(given.where(stated, None) if empty.any() else given, errors="coerce").astype("float64")
        faults.add(stated & ~np.isfinite(values), f"{column.name} must be a finite number")
        if column.type == WHOLE:
            faults.add(stated & np.isfinite(values) & (values % 1 != 0), f"{column.name} must be a whole number")
            values = values.where(np.isfinite(values) & (values % 1 == 0)).astype("Int64")
        elif column.type != REAL:
            raise TypeError(f"{column.name}: no parser for {column.type}")
        values = values.where(values.notna()) if column.type == WHOLE else values.replace([np.inf, -np.inf], np.nan)
    if column.check is not None:
        present = values.notna()
        if present.all():
            failed = ~column.check(values).astype(bool)
        else:
            failed = pd.Series(False, index=values.index)
            if present.any():
                failed[present] = ~column.check(values[present]).astype(bool)
        faults.add(failed, f"{column.name} {column.rule}")
    return values


def _empty(given: pd.Series) -> pd.Series:
    """Where nothing is stated. A NaN among objects is left to the column's type."""
    if isinstance(given.dtype, pd.StringDtype):
        return given.isna() | (given.str.strip() == "")
    if given.dtype != object:
        return given.isna()
    return given.map(
        lambda value: (
            value is None or value is pd.NaT or value is pd.NA or (isinstance(value, str) and value.strip() == "")
        )
    ).astype(bool)


def _clean(value: object) -> str:
    """Text that can be stored: lone surrogates (half an emoji, cut by a provider) become U+FFFD."""
    text = str(value)
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _times(given: pd.Series, empty: pd.Series, column: Column, faults: _Faults) -> pd.Series:
    if isinstance(given.dtype, pd.DatetimeTZDtype):
        return given.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    if all(isinstance(value, datetime) and value.tzinfo is not None for value in given):  # as connectors give them
        return pd.to_datetime(given, utc=True, errors="coerce").astype("datetime64[us, UTC]")
    is_text = given.map(lambda value: isinstance(value, str)).astype(bool) & ~empty
    if given.dtype == object:
        given = given.where(~is_text, given.map(_clean, na_action="ignore"))
    naive = pd.Series(False, index=given.index)
    naive[is_text] = ~given[is_text].astype("str").str.contains(ZONED, regex=True)
    other = ~is_text & ~empty
    naive[other] = given[other].map(lambda value: getattr(value, "tzinfo", None) is None)
    faults.add(naive, f"{column.name} has no time zone: add Z or an offset")
    usable = given.where(~empty & ~naive, None)
    values = pd.to_datetime(usable, utc=True, errors="coerce", format="ISO8601").astype("datetime64[us, UTC]")
    faults.add(~empty & ~naive & values.isna(), f"{column.name} is not an ISO 8601 time")
    return values


def _excerpt(frame: pd.DataFrame, index: int) -> str:
    """A row in words that may be printed: what is not printable could steer a terminal."""
    told = ", ".join(f"{name}={value}" for name, value in frame.iloc[index].items() if not pd.isna(value))
    return "".join(c if c.isprintable() else "�" for c in _clean(told))[:EXCERPT]


def _on_grid(rows: pd.DataFrame) -> pd.Series:
    seconds = rows["open_time"].astype("datetime64[us, UTC]").astype("int64") // 1_000_000
    step = rows["interval"].map(INTERVAL_S).astype("float64")  # without rows it would stay text
    return (seconds % step == 0) | rows["open_time"].isna() | step.isna()


ROW_RULES = {
    "annotations": (("value holds no correction of its field", readable),),
    "candles": (
        ("high is below low", lambda r: ~(r["high"] < r["low"])),
        ("open is outside low..high", lambda r: ~((r["open"] > r["high"]) | (r["open"] < r["low"]))),
        ("close is outside low..high", lambda r: ~((r["close"] > r["high"]) | (r["close"] < r["low"]))),
        ("open_time is not a multiple of the interval", _on_grid),
    ),
    "market_caps": (
        ("available_at is before period_end", lambda r: ~(r["available_at"] < r["period_end"])),
        ("high_usd is below low_usd", lambda r: ~(r["high_usd"] < r["low_usd"])),
        (
            "market_cap_usd is outside low_usd..high_usd",
            lambda r: ~((r["market_cap_usd"] > r["high_usd"]) | (r["market_cap_usd"] < r["low_usd"])),
        ),
    ),
}

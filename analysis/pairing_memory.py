"""What was worked out from a frame, kept for as long as that very frame lives and its columns stay as they are."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

T = TypeVar("T")

_lock = threading.Lock()
_known: dict[tuple, tuple[list[tuple], list[pd.Series], object]] = {}


def remembered(frame: pd.DataFrame, names: Sequence[str], build: Callable[..., T], *arguments: object) -> T:
    """``build(frame, *arguments)``, which depends on these columns alone; the same object for the same columns.

    The columns are held, and pandas copies on write: a frame whose values are changed gets other memory than theirs.
    So equal addresses are equal values, and looking is a matter of microseconds. Safe to call from several threads.
    """
    columns = [frame[name] for name in names]
    where, key = _places(columns), (id(frame), build, arguments)
    if where is None:
        return build(frame, *arguments)
    known = _known.get(key)
    if known and where == known[0]:
        return known[2]
    built = build(frame, *arguments)
    with _lock:
        if key not in _known:
            weakref.finalize(frame, _known.pop, key, None).atexit = False
        _known[key] = (where, columns, built)
    return built


def _places(columns: Sequence[pd.Series]) -> list[tuple] | None:
    """Where the values of columns lie; None where reading one of them makes a copy."""
    places = []
    for column in columns:
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            array = column.array.asi8
        elif isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiu":
            array = column.to_numpy()
        elif isinstance(column.dtype, pd.StringDtype) and column.dtype.storage == "pyarrow":
            chunks = column.array.__arrow_array__().chunks
            places.append(("text", [(c.offset, len(c), *(b and b.address for b in c.buffers())) for c in chunks]))
            continue
        else:
            return None
        places.append((column.dtype, array.__array_interface__["data"], array.strides, array.shape))
    return places

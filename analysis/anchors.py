"""When an article counts as published: the instant its market context is read at."""

from __future__ import annotations

import pandas as pd

_SPANS = {
    "hour": pd.DateOffset(hours=1),
    "day": pd.DateOffset(days=1),
    "month": pd.DateOffset(months=1),
    "year": pd.DateOffset(years=1),
}
_FLOORS = {"hour": "h", "day": "D", "month": "M", "year": "Y"}


def anchors(articles: pd.DataFrame) -> pd.DataFrame:
    """The anchor of each article: never before a reader could have known of it.

    ``articles``: ``published_at``, ``published_precision``, ``indexed_at``, ``published_not_before`` (aware UTC,
    may be NaT). Returns, on the same index, ``anchor_at``, ``anchor_basis`` and the span ``[span_start,
    span_end)`` the publication lies in; start equals end for an exact instant. A time known to the hour, day,
    month or year anchors at the end of it; one that only a third party's index dates, at the time it was there;
    where only a lower bound is known, at the end of that day. The
    basis is ``None`` where nothing is known.
    """
    rows = [
        _anchor(*times)
        for times in zip(
            articles["published_at"],
            articles["published_precision"],
            articles["indexed_at"],
            articles["published_not_before"],
            strict=True,
        )
    ]
    result = pd.DataFrame(rows, columns=["anchor_at", "anchor_basis", "span_start", "span_end"], index=articles.index)
    for column in ("anchor_at", "span_start", "span_end"):
        result[column] = pd.to_datetime(result[column], utc=True).astype("datetime64[us, UTC]")
    return result


def _anchor(published: pd.Timestamp, precision: object, indexed: pd.Timestamp, not_before: pd.Timestamp) -> tuple:
    if pd.notna(published):
        if precision in _SPANS:
            start = published.tz_convert(None).to_period(_FLOORS[precision]).start_time.tz_localize("UTC")
            end = start + _SPANS[precision]
            return end, "end of published span", start, end
        return published, "published_at", published, published
    if pd.notna(indexed):
        return indexed, "indexed_at", indexed, indexed
    if pd.notna(not_before):
        start = not_before.floor("D")
        end = start + _SPANS["day"]
        return end, "end of not-before day", start, end
    return pd.NaT, None, pd.NaT, pd.NaT

"""alternative.me's Fear & Greed index of crypto markets, a value a day since February 2018. Keyless.

https://alternative.me/crypto/fear-and-greed-index/#api
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.answers import excerpt, instant, numeral, read_json, table
from connectors.errors import BadAnswer
from connectors.records import Indicator, Limits, Page, Reject, Request, Window

URL = "https://api.alternative.me/fng/"
NAME = "fear-and-greed"
BEGAN = datetime(2018, 2, 1, tzinfo=UTC)
RESOLUTION_S = 86_400


class FearAndGreed:
    """The index from 0 (extreme fear) to 100 (extreme greed), and the provider's word for it as ``label``.

    The answer is newest first, every number text. ``timestamp`` is 00:00 UTC (epoch seconds) of the day from
    whose beginning the value stands: an answer recorded at 23:14 of 2026-09-08 has that day's stamp and 2,723 s
    ``time_until_update``, so a value comes out at the stamp, from data before it, and holds until the next. So
    ``period_end`` and ``available_at`` are the stamp; a day's own trading is in the value of the next day.
    Errors come as ``metadata.error``. Asked for as many days as the window goes back, two more, or for all.
    """

    source = "alternative.me"
    record = Indicator
    limits = Limits(min_interval_s=2.0, max_pages=1, max_bytes=4_000_000)
    cadence_s = float(RESOLUTION_S)

    def first(self, window: Window) -> Request:
        days = math.ceil((window.end - window.start) / timedelta(days=1)) + 2
        return Request(URL, window.end, {"limit": "0" if window.start <= BEGAN else str(days)})

    def parse(self, request: Request, body: bytes) -> Page[Indicator]:
        """Raises ``BadAnswer``: not its list, an empty one, or ``metadata.error``."""
        answer = table(read_json(request.url, body))
        rows, error = answer.get("data"), table(answer.get("metadata")).get("error")
        if error is not None or not isinstance(rows, list) or not rows:
            raise BadAnswer(f"{request.url} answered without its list of values: {excerpt(error or answer)}")
        read = [self._read(row) for row in rows]
        return Page(tuple(r for r in read if isinstance(r, Indicator)), tuple(r for r in read if isinstance(r, Reject)))

    def _read(self, given: object) -> Indicator | Reject:
        row: Mapping[str, object] = table(given)
        value, at, label = numeral(row.get("value")), instant(row.get("timestamp")), row.get("value_classification")
        if value is None or not 0 <= value <= 100 or at is None:
            return Reject("a value from 0 to 100 and its day are needed", excerpt(given))
        word = label if isinstance(label, str) and label else None
        return Indicator(self.source, NAME, at, value, at, RESOLUTION_S, word)

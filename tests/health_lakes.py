"""Lakes as the real refresh leaves them, its sources answered by ``send`` and its clock set back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from connectors.errors import ServerTrouble
from connectors.records import Answer, Request
from connectors.registry import DEFAULT
from connectors.registry import load as load_registry
from data.lake import Lake
from data.refresh import refresh

HOUR = timedelta(hours=1)
#: The sources that are left on: a chain of prices, one of the total, two feeds.
KEPT = ("kraken-btc-usd", "coinbase-btc-usd", "coingecko", "coindesk", "decrypt")


def few_sources(folder: Path, *also: str) -> Path:
    """A person's own list of sources that turns off all but ``KEPT`` and ``also``."""
    path = folder / "sources.toml"
    off = [name for name in DEFAULT.sources if name not in (*KEPT, *also)]
    path.write_text("[sources]\n" + "".join(f'"{name}" = {{ enabled = false }}\n' for name in off))
    return path


def refreshed(
    lake: Lake,
    sources: Path,
    at: datetime,
    *,
    down: Collection[str] = (),
    names: Collection[str] = (),
    since: datetime | None = None,
) -> None:
    """Refresh the lake as if it were ``at``; the exchanges and feeds in ``down`` answer an error."""

    def send(request, limits):
        state, host = request.state, request.url.split("/")[2]
        if any(name in (state.get("exchange"), *host.split(".")) for name in down):
            raise ServerTrouble(f"https://{host}/ answered 503: <b>down</b> for *maintenance*.")
        if "exchange" in state:
            return Answer(json.dumps(list(_bars(request))).encode())
        if host == "api.coingecko.com":
            return Answer(_total(at), {"x-ratelimit-limit": "10000", "x-ratelimit-remaining": "9880"})
        return Answer(_feed(host, at))

    with _clock(at):
        list(refresh(lake, load_registry(sources).jobs(tuple(names)), send, now=at, since=since))


@contextmanager
def _clock(at: datetime) -> Iterator[None]:
    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return at

    with mock.patch("data.refresh.datetime", Then), mock.patch("data.ingest.datetime", Then):
        yield


def _bars(request: Request) -> Iterator[list[float]]:
    """Every hour asked for, but none of a month's 5th and 20th at 03:00 to 06:59, and no trade at 20:00."""
    at, end = (datetime.fromisoformat(str(request.state[name])) for name in ("start", "end"))
    if request.state["exchange"] != "kraken":  # which gives all it has
        at = datetime.fromisoformat(request.params["since"])
        end = min(end, at + int(request.params["bars"]) * HOUR)
    at = at.replace(minute=0, second=0, microsecond=0)
    while at < end:
        if not (at.day in (5, 20) and 3 <= at.hour < 7):
            price = 90_000 + 50 * at.hour
            yield [at.timestamp() * 1000, price, price + 90, price - 90, price + 10, 0.0 if at.hour == 20 else 12.5]
        at += HOUR


def _total(at: datetime) -> bytes:
    data = {
        "total_market_cap": {"usd": 3.1e12},
        "total_volume": {"usd": 1e11},
        "market_cap_percentage": {"btc": 57.5, "eth": 12.1},
        "updated_at": int(at.timestamp()),
    }
    return json.dumps({"data": data}).encode()


def _feed(host: str, at: datetime) -> bytes:
    """Two items, and one without a title, which is refused."""
    dates = [at - n * HOUR for n in (1, 2)]
    items = [
        f"<item><title>Bitcoin rises, says {host}</title><link>https://{host}/{date:%Y-%m-%d-%H}</link>"
        f"<pubDate>{date:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for date in dates
    ]
    items.append(f"<item><link>https://{host}/untitled</link></item>")
    return f'<rss version="2.0"><channel><title>{host}</title>{"".join(items)}</channel></rss>'.encode()

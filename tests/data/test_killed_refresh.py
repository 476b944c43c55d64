"""``kill -9`` amid a refresh: the lake opens, keeps what was committed, and the next run completes it."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from lake_rows import python

from connectors.registry import DEFAULT, sender
from connectors.transport import Transport
from data import queries
from data.refresh import refresh

NAMES = ("bitcoinist", "coindesk", "coingecko", "fear-and-greed")
DRIVER = """
import sys
from datetime import UTC, datetime
from connectors.registry import DEFAULT, sender
from connectors.transport import Transport
from data.lake import Lake
from data.refresh import refresh

home, base_url, *names = sys.argv[1:]
with Transport(base_url=base_url, environ={}) as transport:
    print("begin", flush=True)
    for _ in refresh(Lake(home), DEFAULT.jobs(names), sender(transport, paced=False), now=datetime.now(UTC)):
        pass
print("end", flush=True)
"""
ITEMS = 12


def feed(host, first, until):
    items = "".join(
        f"<item><title>Bitcoin trades at ${80_000 + n:,}, report {n} of {host}</title><link>https://{host}/{n}</link>"
        f"<pubDate>{format_datetime(datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=n))}</pubDate></item>"
        for n in range(first, until)
    )
    return f'<rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'.encode()


def serve(replay, payloads, turn):
    """What there is to fetch at a turn: twelve articles more in each feed."""
    for host, url in {
        "bitcoinist.com": "https://bitcoinist.com/feed/",
        "coindesk.com": "https://www.coindesk.com/arc/outboundfeeds/rss",
    }.items():
        replay.serve(url, feed(host, turn * ITEMS, (turn + 1) * ITEMS))
    replay.serve("https://api.coingecko.com/api/v3/global", payloads / "coingecko_global.json")
    replay.serve("https://api.alternative.me/fng/", payloads / "alternative_me_fng.json")


def published(lake):
    """Every key of every table, as a reader sees it."""
    at = lake.pin()
    return {
        name: set(queries.export(at, name)[list(key)].itertuples(index=False, name=None))
        for name, key in {
            "articles": ["article_id"],
            "stories": ["story_id"],
            "story_members": ["article_id", "story_id"],
            "claims": ["article_id", "offset"],
            "market_caps": ["source", "definition", "asset", "period_end"],
            "indicators": ["source", "name", "period_end"],
            "runs": ["run_id", "source"],
        }.items()
    }


def complete(lake, replay):
    with Transport(base_url=replay.base_url, environ={}) as transport:
        send = sender(transport, paced=False)
        return list(refresh(lake, DEFAULT.jobs(NAMES), send, now=datetime.now(UTC)))


def test_kill_9_at_twenty_random_moments(lake, home, replay, payloads):
    chance, took_s, amid = random.Random(20), 3.0, 0
    for turn in range(20):
        serve(replay, payloads, turn)
        before = published(lake)
        process = python(DRIVER, home, replay.base_url, *NAMES)
        assert process.stdout.readline() == "begin\n"
        time.sleep(chance.uniform(0, took_s))
        process.kill()
        told, _ = process.communicate()
        amid += "end" not in told
        took_s = took_s * 0.7 if "end" in told else took_s  # so that most kills fall amid the work

        after = published(lake)  # the lake opens, with no writer's lock in the way
        assert all(before[name] <= after[name] for name in before)
        told_in = Counter(article for article, _ in after["story_members"])
        assert told_in == Counter(article for (article,) in after["articles"])  # each article in one story
        assert {story for _, story in after["story_members"]} == {story for (story,) in after["stories"]}

        taken = complete(lake, replay)
        assert [one.error for one in taken] == [None] * 4
        whole = published(lake)
        assert all(after[name] <= whole[name] for name in after)
        assert len(whole["articles"]) == 2 * ITEMS * (turn + 1)
        assert len(whole["claims"]) == 2 * ITEMS * (turn + 1)  # one price in each headline
        assert {article for article, _ in whole["claims"]} == {article for (article,) in whole["articles"]}
    assert len(whole["market_caps"]) == 3
    assert amid >= 10

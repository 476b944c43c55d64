"""``newstape backfill`` against an exchange on loopback: from its first trading day on, and again for nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from exchange_servers import AT, SERVERS  # pytest puts this folder on sys.path

from dashboard import cli
from data import queries
from data.lake import Lake

LISTED = datetime(2026, 9, 1, 7, tzinfo=UTC)


def test_it_stores_every_bar_since_the_first_day_and_then_asks_for_none(run, home, replay, payloads):
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [int((LISTED + n * timedelta(hours=1)).timestamp()) for n in range((now - LISTED) // timedelta(hours=1))]
    days = sorted({at - at % 86_400 for at in hours})
    hourly, daily = SERVERS["bitstamp"](hours), SERVERS["bitstamp"](days)
    at = AT["bitstamp"]
    replay.serve(at.markets, payloads / at.files[0])
    replay.serve(at.candles, hourly, step="3600")
    replay.serve(at.candles, daily, step="86400")

    told = run("backfill", "bitstamp:BTC/USD:1h", "--base-url", replay.base_url).stderr
    assert f"complete, {len(hours):,} new bars" in told
    stored = queries.export(Lake(str(home)).pin(), "candles", "\"interval\" = '1h'")["open_time"]
    assert [int(when.timestamp()) for when in stored] == hours

    asked = len([one for one in replay.asked if one.query.get("step") == "3600"])
    told = run("backfill", "bitstamp:BTC/USD:1h", "--base-url", replay.base_url).stderr
    assert "complete, 0 new bars" in told
    again = [one for one in replay.asked if one.query.get("step") == "3600"][asked:]
    assert len(again) <= 1  # an hour may have ended meanwhile


def test_what_has_no_deep_history_says_what_to_do_instead(run, replay):
    told = run("backfill", "kraken:BTC/USD:1h", "--base-url", replay.base_url, code=cli.BAD_INPUT).stderr
    assert "keeps its newest bars only" in told
    assert "bitstamp:BTC/USD:1h" in told
    assert "no source" in run("backfill", "nowhere", code=cli.BAD_INPUT).stderr

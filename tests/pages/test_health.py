"""The data health page, and the notice on the timeline, over lakes that the real refresh has written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from health_lakes import few_sources, refreshed
from pages_run import html

from data import queries
from data.lake import Lake

HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def sources(tmp_path):
    return few_sources(tmp_path)


def table(app, alt: str) -> pd.DataFrame:
    [found] = [element.value for element in app.dataframe if element.proto.alt == alt]
    return found


def states(app) -> dict[str, str]:
    rows = table(app, "Sources, what needs attention first")
    return dict(zip(rows["source"], rows["state"], strict=True))


def test_a_lake_that_was_never_refreshed(open_page, sample_home, sources) -> None:
    app = open_page("health", sources=sources)
    assert "0 of 4 jobs fresh; 4 never asked (coindesk, decrypt, candles-btc-usd and 1 more)." in html(app)
    assert any("No source has been asked yet" in note.value for note in app.info)
    told = states(app)
    assert list(told)[:4] == ["coindesk", "decrypt", "kraken-btc-usd", "coingecko"]  # the others need nobody
    assert (told["coindesk"], told["coinbase-btc-usd"]) == ("○ never asked", "= stand-by")
    assert told["bitcoinist"] == "– off"
    assert told["sample candles"] == "↓ imported"
    notice = html(open_page("timeline", sources=sources))
    assert "No source has been asked yet: prices end 2026-06-20" in notice
    assert '<a href="health">' in notice


def test_a_fresh_lake_says_so_and_the_timeline_says_nothing(open_page, lake, sources, now) -> None:
    refreshed(lake, sources, now - 0.2 * HOUR)
    app = open_page("health", lake.home, sources)
    assert "All 4 jobs fresh." in html(app)
    assert not app.info
    rows = table(app, "Sources, what needs attention first").set_index("source")
    assert rows.loc["coingecko", "left"] == "9,880 of 10,000"
    assert rows.loc["coingecko", "lag"] == "12 min ago; new every 10 min"
    assert rows.loc["kraken-btc-usd", "chain"] == "1st of 2 in candles-btc-usd"
    assert (rows.loc["coindesk", "new"], rows.loc["coindesk", "rejected"]) == (2, 1)
    assert "nt-alert" not in html(open_page("timeline", lake.home, sources)).split("</style>")[1]


def test_a_stale_source_is_told_on_both_pages(open_page, lake, sources, now) -> None:
    refreshed(lake, sources, now - 125 * HOUR)
    refreshed(lake, sources, now - 0.2 * HOUR, names=["coindesk", "decrypt", "total-market-cap"])
    app = open_page("health", lake.home, sources)
    assert "3 of 4 jobs fresh; 1 stale (candles-btc-usd)." in html(app)
    assert next(iter(states(app).items())) == ("kraken-btc-usd", "! stale")
    assert "Prices of BTC/USD: last fetched 5.2 days ago (new every 1 h)." in html(
        open_page("timeline", lake.home, sources)
    )


def test_a_failing_source_is_told_with_its_error_as_text(open_page, lake, sources, now) -> None:
    refreshed(lake, sources, now - 10 * HOUR)
    refreshed(lake, sources, now - 0.2 * HOUR, down=("coindesk",))
    app = open_page("health", lake.home, sources)
    assert "3 of 4 jobs fresh; 1 failing (coindesk)." in html(app)
    assert "coindesk: https://www.coindesk.com/ answered 503: &lt;b&gt;down&lt;/b&gt; for *maintenance*." in html(app)
    assert not any("maintenance" in shown.value for shown in [*app.markdown, *app.warning, *app.error, *app.info])
    rows = table(app, "Sources, what needs attention first").set_index("source")
    assert rows.loc["coindesk", "lag"] == "10 h ago; new every 1 h"
    assert rows.loc["coindesk", "last_error"].endswith("for *maintenance*.")
    notice = html(open_page("timeline", lake.home, sources))
    assert "News of coindesk: failing, last fetched 10 h ago (new every 1 h)." in notice
    assert "maintenance" not in notice


def test_an_exchange_that_is_down_leaves_its_chain_fresh(open_page, lake, sources, now) -> None:
    refreshed(lake, sources, now - 0.2 * HOUR, down=("kraken",))
    app = open_page("health", lake.home, sources)
    assert "All 4 jobs fresh." in html(app)
    assert states(app)["kraken-btc-usd"] == "✕ failing"
    assert states(app)["coinbase-btc-usd"] == "✓ fresh"
    runs = table(app, "Last runs").set_index("source")
    assert runs.loc["coinbase-btc-usd", "note"].startswith("Asked because kraken-btc-usd failed")


def test_a_source_without_its_key_is_nobodys_job(open_page, lake, tmp_path, now, monkeypatch) -> None:
    monkeypatch.delenv("CRYPTOPANIC_API_KEY", raising=False)
    sources = few_sources(tmp_path, "cryptopanic")
    refreshed(lake, sources, now - 0.2 * HOUR, names=["candles-btc-usd", "coindesk", "decrypt", "total-market-cap"])
    app = open_page("health", lake.home, sources)
    assert states(app)["cryptopanic"] == "□ needs a key"
    assert "All 4 jobs fresh." in html(app)


def test_times_are_in_the_zone_of_the_address_and_say_so(open_page, lake, sources, now) -> None:
    refreshed(lake, sources, now - 0.2 * HOUR)

    def heads(app) -> list[str]:
        columns = [json.loads(element.proto.columns) for element in app.dataframe]
        return [one.get("label") or "" for told in columns for one in told.values()]

    for zone, called in (("UTC", "UTC"), ("Asia/Kathmandu", "+05:45")):
        app = open_page("health", lake.home, sources, tz=zone)
        text = html(app)
        assert f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:}" in text  # until a full hour strikes
        assert f"All times are {zone}" in text
        assert {f"Last success ({called})", f"Started ({called})", f"First bar ({called})"} <= {*heads(app)}
        assert app.selectbox(key="replay_zone").value == zone
        columns = [json.loads(element.proto.columns) for element in app.dataframe]
        zones = [one["type_config"]["timezone"] for told in columns for one in told.values()
                 if one.get("type_config", {}).get("type") == "datetime"]  # fmt: skip
        assert set(zones) == {zone}
    app.selectbox(key="replay_zone").set_value("America/New_York").run()
    assert app.query_params["tz"] == "America/New_York"
    assert "All times are America/New_York; CSV files are in UTC." in html(app)


def test_a_clock_changes_nothing_here_and_the_page_says_so(open_page, lake, sources, now) -> None:
    refreshed(lake, sources, now - 0.2 * HOUR)
    app = open_page("health", lake.home, sources, known="2025-03-28T14:05Z")
    assert "The clock in the address changes nothing here" in html(app)
    assert "All 4 jobs fresh." in html(app)


def test_rejects_are_counted_by_reason(open_page, lake, sources, now) -> None:
    for hours in (50, 25, 1):
        refreshed(lake, sources, now - hours * HOUR, names=["coindesk"])
    [row] = table(open_page("health", lake.home, sources), "Rejects by source and reason").itertuples()
    assert (row.source, row.reason, row.rejects, row.runs) == ("coindesk", "item without title", 3, 3)
    assert row.example == "https://www.coindesk.com/untitled"


def test_the_gap_table_says_what_is_missing_and_what_nobody_asked_for(open_page, lake, sources) -> None:
    """Asked for 10 October to 9 November; the exchange lacks the 20th and the 5th, 03:00 to 06:59."""
    refreshed(lake, sources, datetime(2026, 11, 9, tzinfo=UTC), names=["candles-btc-usd"])
    app = open_page("health", lake.home, sources, span="All")
    hours = table(app, "Price series: their ends, and the gaps in the chosen span").set_index("interval").loc["1h"]
    assert hours["series"] == "kraken BTC/USD"
    assert hours["bars"] == 30 * 24 - 8  # a first refresh asks for thirty days
    assert hours["idle_bars"] == 30  # 20:00 of each day
    assert (hours["gaps"], hours["missing_bars"], hours["longest_gap"]) == (2, 8, "4 h")
    assert hours["longest_at"] == pd.Timestamp("2026-10-20 03:00", tz="UTC")
    assert "1 of 2 series lack bars that were asked for (8 in all)" in html(app)  # no day lacks


def test_a_gap_of_the_sample_is_found(open_page) -> None:
    """Binance stood still on 2023-03-24 from 12:40 to 14:00: the hour of 13:00 has no bar."""
    series = table(open_page("health", span="All"), "Price series: their ends, and the gaps in the chosen span")
    hourly = series[(series["series"] == "binance BTC/USDT") & (series["interval"] == "1h")].iloc[0]
    assert hourly["gaps"] >= 1
    assert hourly["bars"] == 47_900


def test_a_list_of_sources_that_cannot_be_used_is_said_and_the_pages_stand(open_page, tmp_path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[sources\n")
    assert "own.toml is not TOML" in html(open_page("health", sources=own))
    notice = html(open_page("timeline", sources=own))
    assert "A file of yours cannot be used." in notice
    assert str(tmp_path) not in notice


def test_a_pull_that_found_nothing_new_still_reaches_to_when_it_was_made(lake, sources) -> None:
    """The second refresh, ten minutes later, brings no bar and commits no run; its time stands in ``asked``."""
    at = datetime(2026, 11, 9, 12, 5, tzinfo=UTC)
    refreshed(lake, sources, at, names=["candles-btc-usd"])
    refreshed(lake, sources, at + timedelta(minutes=10), names=["candles-btc-usd"])
    assert len(queries.runs(lake.pin())) == 1
    assert lake.asked()["kraken-btc-usd"].answered_at == at + timedelta(minutes=10)
    [span] = queries.asked_spans(Lake(lake.home).pin(), ["kraken-btc-usd"]).itertuples()
    assert span.end == at.replace(minute=0)  # the last bar that was closed


def test_what_was_asked_for_is_told_in_spans_that_are_apart(lake, sources) -> None:
    """Two refreshes that overlap are one span; one of a later week alone is another."""
    names = ["candles-btc-usd"]
    refreshed(lake, sources, datetime(2026, 9, 1, tzinfo=UTC), names=names)
    refreshed(lake, sources, datetime(2026, 9, 2, tzinfo=UTC), names=names)
    refreshed(lake, sources, datetime(2026, 9, 20, tzinfo=UTC), names=names, since=datetime(2026, 9, 13, tzinfo=UTC))
    found = queries.asked_spans(lake.pin(), ["kraken-btc-usd", "coinbase-btc-usd"])
    assert [(f"{a:%m-%d}", f"{b:%m-%d}") for a, b in found.itertuples(index=False)] == [
        ("08-02", "09-02"),
        ("09-13", "09-20"),
    ]


def test_bars_are_told_in_runs_that_end_at_gaps_and_where_trading_stops(lake, sources) -> None:
    refreshed(lake, sources, datetime(2026, 11, 5, 10, tzinfo=UTC), names=["candles-btc-usd"])
    runs = queries.bar_runs(lake.pin(), "kraken", "BTC/USD", "1h").tail(4)
    assert [(f"{a:%d %H}", f"{b:%d %H}", idle, bars) for a, b, idle, bars in runs.itertuples(index=False)] == [
        ("03 21", "04 20", False, 23),
        ("04 20", "04 21", True, 1),
        ("04 21", "05 03", False, 6),
        ("05 07", "05 10", False, 3),
    ]
    assert queries.bar_runs(lake.pin(), "kraken", "BTC/USD", "5m").empty

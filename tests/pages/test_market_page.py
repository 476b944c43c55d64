"""The Market page as Streamlit runs it: over the sample, and over a lake that holds every kind of figure."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from pages_run import html

from dashboard.views import market_tiles
from data.lake import Lake
from data.tables import TABLES
from data.view import View

NOW = datetime(2025, 8, 4, tzinfo=UTC)
HOSTILE = "<img src=https://evil.example/x.png> **bold** [link](https://evil.example) =1+1"


def caps(asset: str, value: float, end: datetime, **other: object) -> dict:
    return {
        "source": "coingecko",
        "definition": "all-coins",
        "asset": asset,
        "period_end": end,
        "available_at": end,
        "market_cap_usd": value,
        "resolution_s": 86_400,
        **other,
    }


def figures() -> dict[str, list[dict]]:
    """Forty days of two providers, twelve assets and the mood; one asset is a day old."""
    rows, mood = [], []
    for n in range(40):
        end = NOW - timedelta(days=n)
        rows += [caps("TOTAL", 3.0e12, end), caps("BTC", 1.8e12, end), caps("ETH", 0.3e12, end)]
        other = {"source": "coinlore", "definition": "coinlore-tracked"}
        rows += [caps("TOTAL", 2.5e12, end, **other), caps("BTC", 1.6e12, end, **other)]
        for i in range(12):
            own = {"definition": "asset", "asset_id": f"c{i}", "price_usd": 5.0}
            rows.append(caps(f"C{i}", 1e9 * (20 - i) * (1.1 if n == 0 else 1.0), end, **own))
        mood.append(
            {
                "source": "alternative.me",
                "name": "fear-and-greed",
                "period_end": end,
                "value": 60.0 + n % 2,
                "label": "Greed",
                "available_at": end,
                "resolution_s": 86_400,
            }
        )
    rows.append(caps("NEW", 30e9, NOW, definition="asset", asset_id="new"))
    return {"market_caps": rows, "indicators": mood}


def fill(home: Path, rows: dict[str, list[dict]]) -> Path:
    import pyarrow as pa

    lake = Lake(str(home))
    with lake.writing():
        for table, told in rows.items():
            whole = [{**dict.fromkeys(TABLES[table].names), **row} for row in told]
            lake.merge(table, pa.Table.from_pylist(whole, TABLES[table].schema))
    return home


@pytest.fixture(scope="module")
def whole_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("market") / "lake"
    Lake(str(home)).create()
    return fill(home, figures())


def test_the_sample_shows_both_totals_each_with_its_definition(open_page) -> None:
    text = html(open_page("market", known="2025-03-29T06:00Z"))
    # 2025-03-29 00:00 UTC: CoinGecko 2,841.8 bn, TradingView's TOTAL 2,701.6 bn: 5.2 % above, 4.9 % below.
    assert "$2.842 T</b>coingecko all-coins" in text
    assert "$2.702 T</b>tradingview top-125" in text
    assert "+5.2 % against tradingview top-125" in text
    assert "−4.9 % against coingecko all-coins" in text
    assert "<b>5.2 %</b>apart, 2 providers at one instant" in text
    assert "2025-03-29 00:00 UTC, 6 h before the clock" in text


def test_what_the_sample_lacks_is_said_with_what_brings_it(open_page) -> None:
    app = open_page("market")
    text = html(app)
    assert "newstape refresh --source fear-and-greed" in text
    assert "newstape refresh --source total-market-cap" in text
    assert any("newstape refresh --source asset-caps" in note.value for note in app.info)


def test_an_old_value_is_flagged_and_a_young_one_is_not(open_page, whole_home) -> None:
    fresh = html(open_page("market", home=whole_home, known="2025-08-04T12:00Z"))
    assert "stale" not in fresh.replace(".stale", "")
    # A value a day counts as late after two days and an hour.
    late = html(open_page("market", home=whole_home, known="2025-08-06T01:01Z"))
    assert "! stale: new every 1 day" in late


def test_dominance_is_told_by_source(open_page, whole_home) -> None:
    text = html(open_page("market", home=whole_home, known="2025-08-04T12:00Z"))
    assert "<b>60.0 %</b>of coingecko all-coins" in text  # 1.8 / 3.0
    assert "<b>64.0 %</b>of coinlore coinlore-tracked" in text  # 1.6 / 2.5


def test_the_clock_holds_everywhere(open_page, whole_home) -> None:
    app = open_page("market", home=whole_home, known="2025-07-20T12:00Z")
    text = html(app)
    assert "Nothing later is shown" in text
    assert "2025-07-20 00:00 UTC, 12 h before the clock" in text
    assert not any(f"2025-{later}" in text for later in ("07-21", "07-30", "08-0"))
    table = app.dataframe[0].value
    assert table["as_of"].max() <= pd.Timestamp("2025-07-20 12:00", tz="UTC")
    assert "NEW" not in table["asset"].tolist()


def test_the_largest_assets_with_their_changes(open_page, whole_home) -> None:
    table = open_page("market", home=whole_home).dataframe[0].value.set_index("asset")
    assert table.index[:2].tolist() == ["NEW", "C0"]
    assert table.loc["C0", "cap"] == pytest.approx(22.0)  # 20 bn and a tenth
    assert table.loc["C0", "24h"] == pytest.approx(10.0)
    assert table.loc["C0", "points"] == "30 of 30"
    assert pd.isna(table.loc["NEW", "24h"])
    assert table.loc["NEW", "why"] == "24 h: no value is stored from then; 7 days: no value is stored from then"


def test_the_address_chooses_assets_as_a_watchlist_would(open_page, whole_home) -> None:
    app = open_page("market", home=whole_home, about="C3")
    assert app.dataframe[0].value["asset"].tolist() == ["C3"]
    assert app.multiselect(key="market_about").value == ["C3"]
    app.multiselect(key="market_about").select("C5").run()
    assert not app.exception
    assert app.query_params["about"] == ["C3", "C5"]
    assert app.dataframe[0].value["asset"].tolist() == ["C3", "C5"]


def test_a_preset_writes_its_range_into_the_address(open_page, whole_home) -> None:
    app = open_page("market", home=whole_home)
    assert app.segmented_control(key="market_preset").value == "1Y"
    app.segmented_control(key="market_preset").select("1W").run()
    assert not app.exception
    # Up to the newest value, 2025-08-04 00:00 UTC: the end is the day before, the last that is shown whole.
    assert (app.query_params["from"], app.query_params["to"]) == ("2025-07-28", "2025-08-03")


def test_days_are_days_of_the_zone(open_page, whole_home) -> None:
    app = open_page(
        "market", home=whole_home, tz="Asia/Kolkata", **{"from": "2025-07-09T18:30Z", "to": "2025-07-19T18:30Z"}
    )
    assert app.date_input(key="market_from").value.isoformat() == "2025-07-10"
    assert app.date_input(key="market_to").value.isoformat() == "2025-07-19"
    assert "2025-07-10 00:00 to 2025-07-20 00:00 IST" in html(app)


def test_an_empty_lake_says_what_to_do_everywhere(open_page, empty_home) -> None:
    app = open_page("market", home=empty_home)
    assert "None is stored" in html(app)
    assert len(app.info) == 2
    assert all("newstape refresh" in note.value for note in app.info)


def test_without_a_lake_the_page_says_how_to_build_one(open_page, tmp_path) -> None:
    assert "newstape init" in html(open_page("market", home=tmp_path / "nothing"))


def test_names_from_outside_never_become_markup(open_page, whole_home, tmp_path) -> None:
    home = fill(
        shutil.copytree(whole_home, tmp_path / "lake"),
        {
            "market_caps": [
                caps(HOSTILE, 90e9, NOW, definition="asset", asset_id=HOSTILE),
                caps("TOTAL", 2e12, NOW, source=HOSTILE, definition="<b>all</b>"),
                caps("BTC", 1e12, NOW, source=HOSTILE, definition="<b>all</b>"),
            ],
            "indicators": [{**figures()["indicators"][0], "source": "<i>s</i>", "label": HOSTILE}],
        },
    )
    app = open_page("market", home=home)
    text = html(app)
    assert "<img" not in text
    assert "<b>all" not in text
    assert "<i>s" not in text
    assert "&lt;img src=https://evil.example/x.png&gt; **bold**" in text
    assert app.dataframe[0].value["asset"].iloc[0] == HOSTILE
    assert not any("evil.example" in one.value for one in (*app.markdown, *app.info, *app.caption, *app.warning))


def test_what_is_shown_is_what_the_csv_holds(open_page, whole_home) -> None:
    from dashboard import cached
    from data.market_tables import MARKET_TABLES

    shown = open_page("market", home=whole_home).dataframe[0].value
    reading = cached.reading(Lake(str(whole_home)).pin())
    told = MARKET_TABLES["market-assets"](reading, View(pd.Timestamp(NOW), pd.Timestamp(NOW)))
    assert told["asset"].tolist() == shown["asset"].tolist()
    assert (told["market_cap_usd"] / 1e9).tolist() == shown["cap"].tolist()
    days = MARKET_TABLES["market-asset-days"](reading, View(pd.Timestamp(NOW), pd.Timestamp(NOW)))
    mine = days[days["asset"] == "C0"]["market_cap_usd"].tolist()
    assert mine == list(shown.set_index("asset").loc["C0", "days"])


def test_tiles_stand_in_rows_as_even_as_can_be() -> None:
    # Of six at most five wide: three and three, not five and one; of five at most three wide: three and two.
    assert [market_tiles.columns(tiles, 5) for tiles in (4, 5, 6, 7, 8)] == [4, 5, 3, 4, 4]
    assert [market_tiles.columns(tiles, 3) for tiles in (4, 5, 6)] == [2, 3, 3]

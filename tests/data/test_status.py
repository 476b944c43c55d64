"""How sources are told to stand: by their own cadence, their last answer and their chain."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from connectors.records import Article, Candle, Limits
from connectors.registry import Registry, Source
from dashboard import cli
from data.asked import Asked
from data.status import job_states, source_states

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
COUNTS = {"new": 5, "changed": 1, "same": 2, "rejected": 3, "runs": 4}


class Any:
    limits = Limits()

    def __init__(self, source, record, needs_key=None):
        self.source, self.record, self.needs_key = source, record, needs_key


REGISTRY = Registry(
    {
        "feed": Source("feed", Any("feed", Article), 3600),
        "daily": Source("daily", Any("daily", Article), 86_400, requests_a_month=1_000),
        "first": Source("first", Any("first", Candle), 3600),
        "second": Source("second", Any("second", Candle), 3600),
        "keyed": Source("keyed", Any("keyed", Article, "SOME_KEY"), 600),
        "deep": Source("deep", Any("deep", Candle), 3600, enabled=False),
    },
    {"prices": ("first", "second")},
)
_EMPTY = pd.DataFrame(columns=["source", "table_name", "last_success", "last_run", "last_error", *COUNTS])


def latest(**runs):
    """``name=(last success, last run, error)``."""
    rows = [
        {
            "source": name,
            "last_success": pd.Timestamp(success) if success else pd.NaT,
            "last_run": pd.Timestamp(last),
            "last_error": error,
            **COUNTS,
        }
        for name, (success, last, error) in runs.items()
    ]
    return pd.DataFrame(rows) if rows else _EMPTY


def states(runs=None, asked=None, key=False):
    return source_states(latest(**(runs or {})), asked or {}, REGISTRY, NOW, lambda _: key).set_index("source")


def test_a_lake_that_was_never_refreshed():
    assert states()["state"].to_dict() == {
        "feed": "never asked",
        "daily": "never asked",
        "first": "never asked",
        "second": "stand-by",
        "keyed": "needs a key",
        "deep": "off",
    }
    assert states(key=True)["state"]["keyed"] == "never asked"


@pytest.mark.parametrize(
    ("source", "ago", "state"),
    [
        ("feed", 2.9 * HOUR, "fresh"),  # new every hour: twice that and an hour
        ("feed", 3.1 * HOUR, "stale"),
        ("daily", 48 * HOUR, "fresh"),
        ("daily", 50 * HOUR, "stale"),
    ],
)
def test_late_is_by_its_own_cadence(source, ago, state):
    row = states(asked={source: Asked(answered_at=NOW - ago)}).loc[source]
    assert (row["state"], row["lag_s"]) == (state, ago.total_seconds())


def test_an_answer_without_anything_new_is_a_success_after_an_error():
    failed = {"feed": (NOW - 9 * HOUR, NOW - HOUR, "refused")}
    row = states(failed).loc["feed"]
    assert (row["state"], row["last_error"]) == ("failing", "refused")
    row = states(failed, {"feed": Asked(answered_at=NOW - 0.5 * HOUR)}).loc["feed"]
    assert (row["state"], row["last_error"]) == ("fresh", None)
    assert (row["new"], row["rejected"]) == (5, 3)


def test_a_chain_is_as_fresh_as_its_freshest_source():
    runs = {"first": (NOW - 99 * HOUR, NOW - HOUR, "down"), "second": (NOW - HOUR, NOW - HOUR, None)}
    found = job_states(states(runs).reset_index()).set_index("job")
    assert (found.loc["prices", "state"], found.loc["prices", "source"]) == ("fresh", "second")
    assert found.loc["feed", "state"] == "never asked"
    assert "keyed" not in found.index  # nobody's job without its key
    runs["second"] = (NOW - 99 * HOUR, NOW - 99 * HOUR, None)
    assert job_states(states(runs).reset_index()).set_index("job").loc["prices", "state"] == "failing"


def test_requests_left_are_as_the_source_says_else_by_our_own_count():
    told = {
        "daily": Asked(requests={"2026-11": 40, "2026-10": 900}),
        "feed": Asked(quota_left=7, quota_limit=10, quota_until=NOW + HOUR),
        "second": Asked(quota_left=7, quota_limit=10, quota_until=NOW - HOUR),
        "first": Asked(requests={"2026-11": 40}),
    }
    found = states(asked=told)
    assert (found.loc["daily", "left"], found.loc["daily", "left_of"]) == (960, 1_000)
    assert (found.loc["feed", "left"], found.loc["feed", "left_of"]) == (7, 10)
    assert found["left"].isna()["first"]
    assert found["left"].isna()["second"]  # that was an hour ago


def test_a_source_nobody_asks_any_more_is_not_failing_for_ever():
    failed = {"keyed": (None, NOW - HOUR, "refused"), "deep": (NOW - 99 * HOUR, NOW - 98 * HOUR, "down")}
    assert states(failed)["state"]["keyed"] == "needs a key"
    assert states(failed, key=True)["state"]["keyed"] == "failing"
    assert states(failed)["state"]["deep"] == "off"


def test_imports_and_the_sample_are_told_too():
    assert states({"import btc.csv": (NOW, NOW, None)})["state"]["import btc.csv"] == "imported"


def test_status_for_programs_and_monitors(run, replay, payloads):
    told = json.loads(run("status", "--json").stdout)
    assert told["fresh"] is False
    assert told["tables"]["candles"]["rows"] == 0
    assert {s["state"] for s in told["sources"]} <= {"never asked", "stand-by", "needs a key", "off"}
    run("status", "--check", code=cli.NOTHING)
    replay.serve("https://bitcoinist.com/feed/", payloads / "bitcoinist_feed.xml")
    run("refresh", "--source", "bitcoinist", "--base-url", replay.base_url)
    told = json.loads(run("status", "--json", "--check", code=cli.PARTLY).stdout)
    [job] = [job for job in told["jobs"] if job["job"] == "bitcoinist"]
    assert job["state"] == "fresh"
    assert job["last_success"].endswith("Z")
    assert "bitcoinist: fresh; last success" in run("status").stdout

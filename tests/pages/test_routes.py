"""What the server answers beside its pages."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from health_lakes import few_sources, refreshed
from starlette.applications import Starlette

from dashboard.routes import ROUTES
from data.home import ENV, SOURCES_ENV


@pytest.fixture
def get(lake, tmp_path, monkeypatch):
    monkeypatch.setenv(ENV, lake.home)
    monkeypatch.setenv(SOURCES_ENV, str(few_sources(tmp_path)))

    # In a thread of its own: the browser tests of the same session have an event loop in this one.
    def get(method="GET"):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(ask(method))).result()

    return get


async def ask(method):
    served = httpx.ASGITransport(Starlette(routes=ROUTES))
    async with httpx.AsyncClient(transport=served, base_url="http://dashboard") as client:
        return await client.request(method, "/api/health")


def test_it_is_200_while_every_job_is_fresh_and_503_once_one_is_not(get, lake, tmp_path):
    assert get().status_code == 503  # never asked
    sources, now = few_sources(tmp_path), datetime.now(UTC)
    refreshed(lake, sources, now - timedelta(hours=10))
    refreshed(lake, sources, now - timedelta(minutes=10), down=("decrypt",))
    answer = get()
    told = {job["job"]: job["state"] for job in answer.json()["jobs"]}
    assert (answer.status_code, answer.json()["fresh"], told["decrypt"]) == (503, False, "failing")
    assert answer.headers["cache-control"] == "no-store"
    refreshed(lake, sources, now - timedelta(minutes=5), names=["decrypt"])
    answer = get()
    assert (answer.status_code, answer.json()["fresh"]) == (200, True)
    assert {job["job"]: job["state"] for job in answer.json()["jobs"]} == dict.fromkeys(
        ("candles-btc-usd", "total-market-cap", "coindesk", "decrypt"), "fresh"
    )
    assert answer.headers["cache-control"] == "no-store"


def test_no_place_on_this_machine_and_no_key_is_told(get, lake, tmp_path, monkeypatch):
    monkeypatch.setenv("COINGECKO_DEMO_API_KEY", "CG-very-secret")
    refreshed(lake, few_sources(tmp_path), datetime.now(UTC) - timedelta(minutes=10))
    text = json.dumps(get().json())
    assert str(tmp_path) not in text
    assert "CG-very-secret" not in text


def test_a_lake_that_is_not_there_is_a_503_and_no_stack_trace(get, tmp_path, monkeypatch):
    monkeypatch.setenv(ENV, str(tmp_path / "nothing"))
    answer = get()
    assert (answer.status_code, answer.json()) == (503, {"fresh": False, "error": "NoLake"})
    monkeypatch.setenv(SOURCES_ENV, str(tmp_path / "no.toml"))
    assert get().status_code == 503


def test_only_reading_is_allowed(get):
    assert get("POST").status_code == 405
    assert get("HEAD").status_code == 503

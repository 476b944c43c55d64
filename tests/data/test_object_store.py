"""A lake on an object store, against moto's server on loopback: the same merges, one writer by a lease."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime

import boto3
import pandas as pd
import pytest
from lake_rows import bars, candle_table, cap, merged, stored

from data import pins, queries, snapshot, store
from data.candles import merge_candles
from data.home import resolve
from data.lake import CannotWrite, Counts, Lake, LakeBusy, NoLake, RefreshRunning
from data.tables import TABLES

# botocore's own sockets are closed when Python likes.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

ENVIRON = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="module")
def endpoint():
    """In a process of its own: delta-rs holds Python's lock in some of its calls, and would wait for itself."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


@pytest.fixture
def url(endpoint, monkeypatch):
    for name, value in {**ENVIRON, "AWS_ENDPOINT_URL": endpoint}.items():
        monkeypatch.setenv(name, value)
    bucket = f"lake-{uuid.uuid4().hex[:8]}"
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/team"


@pytest.fixture
def bucket_lake(url):
    lake = Lake(url, lock_wait_s=0.2)
    lake.create()
    return lake


def test_an_address_is_taken_as_it_is():
    assert resolve("s3://bucket/lake/") == "s3://bucket/lake"


def test_where_nothing_was_built_there_is_no_lake(url):
    assert not Lake(url).exists()
    with pytest.raises(NoLake):
        Lake(url).pin()


def test_create_merge_query_and_merge_again(bucket_lake):
    assert bucket_lake.exists()
    assert set(bucket_lake.pin().versions) == set(TABLES)
    assert merged(bucket_lake, "market_caps", [cap(1, 1e12), cap(2)]) == Counts(new=2)
    before = bucket_lake.pin()
    assert merged(bucket_lake, "market_caps", [cap(1, 1e12), cap(2)]) == Counts(same=2)
    assert bucket_lake.pin().versions == before.versions
    assert merged(bucket_lake, "market_caps", [cap(1, 9e12), cap(3)]) == Counts(new=1, changed=1)
    assert [row["market_cap_usd"] for row in stored(bucket_lake.pin(), "market_caps")] == [9e12, 2.7e12, 2.7e12]
    assert [row["market_cap_usd"] for row in stored(before, "market_caps")] == [1e12, 2.7e12]  # still pinned
    found = queries.cap_series(bucket_lake.pin(), "TOTAL", *(datetime(2025, 3, day, tzinfo=UTC) for day in (1, 2)))
    assert found["market_cap_usd"].to_list() == [9e12, 2.7e12]


def test_the_candle_pyramid_is_built_there_too(bucket_lake):
    opens = pd.date_range("2025-03-28", periods=120, freq="min", tz="UTC")
    with bucket_lake.writing():
        merge_candles(bucket_lake, candle_table(bars(opens, range(100, 220))))
    found = queries.coverage(bucket_lake.pin()).set_index("interval")["bars"]
    assert found.to_dict() == {"1m": 120, "5m": 24, "1h": 2}
    hours = queries.price_series(bucket_lake.pin(), [("binance", "BTC/USDT")], "1h", opens[0], opens[-1])
    assert hours["close"].to_list() == [159.0, 219.0]


def test_a_second_writer_is_busy_and_the_lease_is_free_afterwards(bucket_lake):
    other = Lake(bucket_lake.home, lock_wait_s=0.2)
    with bucket_lake.writing():
        with pytest.raises(LakeBusy, match="lease held by"), other.writing():
            pass
        assert stored(other.pin(), "market_caps") == []  # readers do not wait
    assert merged(other, "market_caps", [cap(1)]) == Counts(new=1)


def test_a_lease_that_its_holder_does_not_renew_expires(bucket_lake, monkeypatch):
    """A holder that died: it took the lease and neither renews nor returns it."""
    monkeypatch.setattr(store, "LEASE_S", 1.0)
    assert store._Lease(f"{bucket_lake.home}/_lease").take() is None
    with pytest.raises(LakeBusy), bucket_lake.writing():
        pass
    patient = Lake(bucket_lake.home, lock_wait_s=10)
    assert merged(patient, "market_caps", [cap(1)]) == Counts(new=1)


def test_a_dead_refreshs_lease_expires_and_a_live_one_keeps_another_out(bucket_lake, monkeypatch):
    monkeypatch.setattr(store, "LEASE_S", 1.0)
    assert store._Lease(f"{bucket_lake.home}/_lease_refresh").take() is None  # and its holder dies
    with pytest.raises(RefreshRunning), bucket_lake.refreshing():
        pass
    time.sleep(1.1)
    with bucket_lake.refreshing(), pytest.raises(RefreshRunning), Lake(bucket_lake.home).refreshing():
        pass


def test_a_bucket_that_is_not_there_cannot_be_written(url):
    with pytest.raises(CannotWrite, match="Cannot write to the lake at s3://"):
        Lake("s3://no-such-bucket-here/lake", lock_wait_s=0.2).create()


def test_a_pinned_version_reads_the_same_once_its_log_is_gone(bucket_lake):
    opens = pd.date_range("2025-03-28", periods=10, freq="min", tz="UTC")
    with bucket_lake.writing():
        merge_candles(bucket_lake, candle_table(bars(opens, range(100, 110))))
    merged(bucket_lake, "market_caps", [cap(1), cap(2)])
    before = bucket_lake.pin()
    rows = {table: stored(before, table) for table in ("candles", "market_caps")}
    pin = pins.keep(before, "Bukele", datetime(2026, 7, 1, tzinfo=UTC))
    merged(bucket_lake, "market_caps", [cap(1, 1e12)])
    bucket_lake.compact()
    s3 = boto3.client("s3", region_name="us-east-1")
    bucket = bucket_lake.home.removeprefix("s3://").partition("/")[0]
    for table in rows:
        snapshot.open_table(bucket_lake.home, table).create_checkpoint()
        log = s3.list_objects_v2(Bucket=bucket, Prefix=f"team/{table}/_delta_log/0")["Contents"]
        for entry in log:
            if entry["Key"].endswith(".json"):
                s3.delete_object(Bucket=bucket, Key=entry["Key"])
    again = pins.reopen(bucket_lake.pin(), before.lake_id, before.versions)
    assert {table: stored(again, table) for table in rows} == rows
    assert pins.pins(bucket_lake.home) == [pin]
    pins.drop(bucket_lake.home, pin.id)
    assert pins.pins(bucket_lake.home) == []
    with pytest.raises(pins.VersionsGone, match=r"of (candles|market_caps)"):
        pins.reopen(bucket_lake.pin(), before.lake_id, before.versions)

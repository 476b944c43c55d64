"""A lake that an older Newstape wrote."""

from __future__ import annotations

import json
import shutil

import pytest
from deltalake import DeltaTable, write_deltalake
from lake_rows import cap, merged, stored

from data.lake import Counts, LakeError, OldLake


def test_a_lake_of_an_older_format_says_so_and_its_next_writer_brings_it_up_to_date(home, lake):
    """Format 1 knew neither ``asset_id`` nor the tables that came after it."""
    merged(lake, "market_caps", [cap(1)])
    uri = str(home / "market_caps")
    held = DeltaTable(uri).to_pyarrow_table()
    write_deltalake(uri, held.drop_columns(["asset_id"]), mode="overwrite", schema_mode="overwrite")
    shutil.rmtree(home / "indicators")
    pointer = json.loads((home / "published.json").read_text())
    del pointer["format"], pointer["versions"]["indicators"]
    pointer["versions"]["market_caps"] = DeltaTable(uri).version()
    (home / "published.json").write_text(json.dumps(pointer))

    with pytest.raises(OldLake, match="`newstape init` brings it up to date"):
        lake.pin()
    lake.create()
    [row] = stored(lake.pin(), "market_caps")
    assert (row["market_cap_usd"], row["asset_id"]) == (cap(1)["market_cap_usd"], None)
    assert stored(lake.pin(), "indicators") == []
    assert merged(lake, "market_caps", [{**cap(2), "asset_id": "bitcoin"}]) == Counts(new=1)


def test_an_older_newstapes_pointer_does_not_empty_the_tables_it_does_not_know(home, lake):
    indicator = {
        "source": "alternative.me",
        "name": "fear-and-greed",
        "period_end": cap(1)["period_end"],
        "value": 50.0,
        "available_at": cap(1)["period_end"],
        "resolution_s": 86_400,
    }
    merged(lake, "indicators", [indicator])
    pointer = json.loads((home / "published.json").read_text())
    del pointer["format"], pointer["versions"]["indicators"]
    (home / "published.json").write_text(json.dumps(pointer))
    lake.create()
    assert len(stored(lake.pin(), "indicators")) == 1


def test_a_newer_newstapes_lake_is_left_alone(home, lake):
    pointer = json.loads((home / "published.json").read_text())
    (home / "published.json").write_text(json.dumps(pointer | {"format": 99}))
    with pytest.raises(LakeError, match="update Newstape"):
        lake.pin()
    with pytest.raises(LakeError, match="update Newstape"), lake.writing():
        pass
    assert json.loads((home / "published.json").read_text())["format"] == 99

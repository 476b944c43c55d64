"""Evidence packs: equal bytes for an equal view, and the same CSVs again from the manifest alone."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lake_rows import cap, merged, note
from test_pins import _a_month_passes

from connectors.registry import DEFAULT
from dashboard import evidence
from data import manifest, pins
from data.lake import Lake
from data.reading import Reading
from data.view import PANELS, View, clock
from data.view_tables import shown

MADE = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n and the rest"
MARCH = View(clock("2025-03-20"), clock("2025-04-06"), compare=("ETH",), panels=PANELS)
BUKELE = "Trump plans to receive El Salvador's Bukele"


def _pack(lake: Lake, of: View = MARCH, png: bytes | None = PNG, **more: object) -> bytes:
    return evidence.pack(
        Reading(lake.pin()),
        of,
        summary="BTC opened at $84,000.00; 8 stories.",
        chart_html="<!doctype html>",
        chart_png=png,
        registry=DEFAULT,
        made_at=MADE,
        **more,
    )


def _files(pack: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name) for name in zipped.namelist()}


def _csvs(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.endswith(".csv")}


def _written(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def saved(sample_lake, tmp_path) -> Path:
    """A pack of March 2025 with the chosen story, and its versions pinned."""
    found, _ = Reading(sample_lake.pin()).rows(MARCH)
    story = found.loc[found["title"].str.startswith(BUKELE), "story_id"].iloc[0]
    of = View(**{**MARCH.__dict__, "story": story})
    pins.keep(sample_lake.pin(), "Bukele", MADE)
    path = tmp_path / "pack.zip"
    path.write_bytes(_pack(sample_lake, of))
    return path


# ── what is in it ─────────────────────────────────────────────────────────────────────────────────────


def test_a_pack_holds_what_was_shown_and_says_in_plain_words_what_it_is(saved):
    files = _files(saved.read_bytes())
    assert list(files) == [
        *("stories.csv", "prices.csv", "compared.csv", "market-caps.csv", "dominance.csv", "notes.csv"),
        *("story.csv", "story-claims.csv", "chart.png", "chart.html", "manifest.json", "README.txt"),
    ]
    assert files["chart.png"] == PNG
    readme = files["README.txt"].decode()
    assert "BTC opened at $84,000.00; 8 stories." in readme
    assert "Range: from 2025-03-20 to 2025-04-06, the end left out." in readme
    assert "stories.csv: 8 rows" in readme
    assert "newstape export --manifest manifest.json" in readme
    assert max(map(len, readme.splitlines())) <= 120


def test_the_manifest_says_query_clock_versions_sources_and_hashes(sample_lake):
    of = View(**{**MARCH.__dict__, "known_at": clock("2025-03-28T14:05Z"), "zone": "Asia/Kolkata"})
    files = _files(_pack(sample_lake, of))
    told = json.loads(files["manifest.json"])
    assert (told["clock"], told["zone"], told["page"]) == ("2025-03-28T14:05:00Z", "Asia/Kolkata", "timeline")
    assert told["query"]["from"] == ["2025-03-20"]
    assert told["query"]["to"] == ["2025-04-05"]
    assert told["created_at"] == "2026-07-01T12:30:00Z"
    snapshot = sample_lake.pin()
    assert (told["lake"]["id"], told["lake"]["versions"]) == (snapshot.lake_id, snapshot.versions)
    for table in told["tables"]:
        content = files[table["file"]]
        assert table["sha256"] == hashlib.sha256(content).hexdigest()
        assert table["bytes"] == len(content)
        assert table["rows"] == content.count(b"\r\n") - 1
    prices = pd.read_csv(io.BytesIO(files["prices.csv"]))
    assert {*prices["source"]} <= {source["source"] for source in told["sources"]}
    assert prices["open_time"].max() < "2025-03-28T14:05:00Z"


def test_terms_are_those_of_the_list_of_sources_and_what_is_not_listed_is_said():
    told = manifest.sources({"coinmetrics", "kraken", "coindesk", "my import"}, DEFAULT)
    assert [source["source"] for source in told] == ["coindesk", "coinmetrics", "kraken", "my import"]
    assert told[0] == {"source": "coindesk", "publisher": "CoinDesk", "terms": None, "listed": True}
    assert "CC BY-NC 4.0" in told[1]["terms"]
    assert told[3] == {"source": "my import", "publisher": None, "terms": None, "listed": False}


def test_equal_inputs_make_equal_bytes(sample_lake, tmp_path):
    copied = Lake(str(shutil.copytree(sample_lake.home, tmp_path / "copy")))
    assert _pack(sample_lake) == _pack(copied)
    assert _pack(sample_lake) != _pack(sample_lake, View(**{**MARCH.__dict__, "asset": "ETH", "compare": ()}))


@pytest.mark.parametrize("sent", [None, b"", b"<svg onload=alert(1)>"])
def test_without_a_picture_of_the_browser_there_is_none_and_the_readme_says_so(sample_lake, sent):
    files = _files(_pack(sample_lake, png=sent))
    assert "chart.png" not in files
    assert "the browser sent no picture" in files["README.txt"].decode()


@pytest.mark.parametrize("asset", ["BTC", "ÆTH", "比特"])
def test_a_packs_name_is_safe_on_every_system(asset):
    name = evidence.file_name(View(MARCH.start, MARCH.end, asset=asset))
    assert name.isascii()
    assert not {*name} & {*'/\\:*?"<>| '}


# ── and again ─────────────────────────────────────────────────────────────────────────────────────────

DAYS = st.integers(0, 5_000).map(lambda n: clock("2013-01-01") + pd.Timedelta(days=n))
VIEWS = st.builds(
    lambda start, length, known, **more: View(
        start, start + length, known_at=None if known is None else start + known, **more
    ),
    DAYS,
    st.timedeltas(pd.Timedelta(minutes=10), pd.Timedelta(days=3_000)).map(lambda t: pd.Timedelta(t).floor("s")),
    st.none() | st.integers(0, 3_000_000).map(lambda s: pd.Timedelta(seconds=s)),
    asset=st.sampled_from(["BTC", "ETH", "XYZ"]),
    compare=st.sampled_from([(), ("ETH",), ("SOL", "ETH")]),
    totals=st.sampled_from([(), ("coingecko/all-coins",), ("nobody/nothing",)]),
    topics=st.sampled_from([(), ("ETF",), ("hack", "politics")]),
    search=st.sampled_from(["", "bitcoin", "=1+1", "“é” &?%+"]),
    zone=st.sampled_from(["UTC", "America/New_York"]),
    panels=st.sets(st.sampled_from(PANELS), min_size=1).map(lambda names: tuple(p for p in PANELS if p in names)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(of=VIEWS)
def test_any_pack_is_exported_again_byte_for_byte_from_its_manifest(sample_home, tmp_path_factory, of):
    lake, folder = Lake(str(sample_home)), tmp_path_factory.mktemp("again")
    files = _files(_pack(lake, of))
    (folder / "manifest.json").write_bytes(files["manifest.json"])
    manifest.remake(lake, manifest.read(folder / "manifest.json"), folder / "out")
    assert _written(folder / "out") == _csvs(files)
    assert {*_csvs(files)} == {f"{name}.csv" for name in shown(of)}


def test_a_pinned_pack_is_exported_again_after_the_lake_went_on_and_forgot(run, sample_lake, saved, tmp_path):
    before = _csvs(_files(saved.read_bytes()))
    merged(sample_lake, "market_caps", [cap(28, 1e12, source="coingecko", definition="all-coins")])
    merged(sample_lake, "annotations", [note(1)])
    sample_lake.compact()
    _a_month_passes(Path(sample_lake.home))
    sample_lake.compact()
    out = tmp_path / "out"
    told = run("export", "--manifest", saved, "-o", out, "--home", sample_lake.home)
    assert _written(out) == before
    assert told.stderr.count("the bytes the manifest names") == len(before)
    listed = run("pins", "--home", sample_lake.home).stdout
    assert "Bukele" in listed
    pin = listed.split()[0]
    run("pins", "--drop", pin, "--home", sample_lake.home)
    assert run("pins", "--home", sample_lake.home).stdout == ""
    sample_lake.compact()
    gone = run("export", "--manifest", saved, "-o", tmp_path / "none", "--home", sample_lake.home, code=3)
    assert "no longer holds version" in gone.stderr
    assert gone.stderr.count("\n") == 1
    assert not (tmp_path / "none").exists()


def test_another_lake_cannot_make_it_again(run, lake, saved, tmp_path):
    told = run("export", "--manifest", saved, "-o", tmp_path / "out", code=3)
    assert "another lake" in told.stderr


def _edited(saved: Path, **parts: object) -> Path:
    path = saved.with_name("manifest.json")
    path.write_text(json.dumps({**json.loads(_files(saved.read_bytes())["manifest.json"]), **parts}))
    return path


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"format": 2}, "made by a newer Newstape"),
        ({"format": "1"}, "is no manifest"),
        ({"lake": {}}, "is no manifest"),
        ({"lake": {"id": "", "format": 3, "versions": {"../candles": 1}}}, "is no manifest"),
        ({"query": {"from": "2025-03-20"}}, "is no manifest"),
        ({"query": {"from": ["never"]}}, "from=never, which cannot be used"),
        ({"query": {"whence": ["2025-03-20"]}}, "has no part whence"),
        ({"tables": [{"name": "stories", "file": "../stories.csv", "sha256": "0" * 64}]}, "is no manifest"),
        ({"tables": [{"name": "articles", "file": "articles.csv", "sha256": "0" * 64}]}, "is no manifest"),
        ({"tables": [{"name": "stories", "file": "stories.csv", "sha256": "0" * 64}]}, "comes out otherwise"),
        ({"tables": None}, "is no manifest"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_in_one_sentence_and_writes_nothing(
    run, sample_lake, saved, tmp_path, parts, sentence
):
    path = _edited(saved, **parts)
    told = run("export", "--manifest", path, "-o", tmp_path / "out", "--home", sample_lake.home, code=3)
    assert sentence in told.stderr
    assert list(tmp_path.glob("out/*")) == []


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"PK\x03\x04", b"\xff", b'{"format": 1}', b" " * 3_000_000])
def test_any_other_file_is_no_manifest(tmp_path, content):
    (tmp_path / "m.json").write_bytes(content)
    with pytest.raises(manifest.BadManifest):
        manifest.read(tmp_path / "m.json")


def test_the_command_line_takes_a_manifest_or_a_table_and_not_both(run, saved):
    run("export", code=2)
    run("export", "candles", "--manifest", saved, "-o", "out", code=2)
    run("export", "--manifest", saved, "--known-at", "2025-03-28", code=2)
    run("export", "--manifest", saved.with_name("nothing.json"), code=3)


# ── cut short ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stopped", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_or_an_interruption_leaves_what_was_there_and_no_half_a_file(
    sample_lake, saved, tmp_path, monkeypatch, stopped
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "stories.csv").write_text("mine")
    lines, made = manifest.csv_lines, []

    def stopping(frame):
        made.append(frame)
        if len(made) == 3:
            yield "half a lin"
            raise stopped
        yield from lines(frame)

    monkeypatch.setattr(manifest, "csv_lines", stopping)
    with pytest.raises((ValueError, KeyboardInterrupt)) as told:
        manifest.remake(sample_lake, manifest.read(saved), out)
    if isinstance(stopped, OSError):
        assert str(told.value).endswith("cannot be written: No space left on device.")
    assert _written(out) == {"stories.csv": b"mine"}

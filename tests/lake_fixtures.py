"""Lakes for tests: each built once a session and copied where a test writes."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboard import cli
from data.lake import Lake, Snapshot
from data.sample import load_sample

#: When the sample was loaded, in tests.
LOADED = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty") / "lake"
    Lake(str(home)).create()
    return home


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the embedded sample. Not to be written to: ``sample_lake`` is a copy."""
    home = tmp_path_factory.mktemp("sample") / "lake"
    lake = Lake(str(home))
    with lake.writing():
        for taken in load_sample(lake, LOADED):
            assert not taken.rejects, taken.rejects[:3]
    return home


@pytest.fixture(scope="session")
def sample(sample_home: Path) -> Snapshot:
    return Lake(str(sample_home)).pin()


@pytest.fixture
def home(empty_home: Path, tmp_path: Path) -> Path:
    """A lake without rows, for this test alone."""
    return shutil.copytree(empty_home, tmp_path / "lake")


@pytest.fixture
def lake(home: Path) -> Lake:
    return Lake(str(home), lock_wait_s=0.2)


@pytest.fixture
def sample_lake(sample_home: Path, tmp_path: Path) -> Lake:
    return Lake(str(shutil.copytree(sample_home, tmp_path / "sample")), lock_wait_s=0.2)


@pytest.fixture
def run(home, monkeypatch):
    """Run a command on this test's lake: ``run("export", "candles", …)``."""
    monkeypatch.setenv("NEWSTAPE_HOME", str(home))
    monkeypatch.setitem(Lake.__init__.__kwdefaults__, "lock_wait_s", 0.2)

    def run(*args, code=0):
        result = CliRunner().invoke(cli.app, [str(arg) for arg in args])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert "Traceback" not in result.output
        assert result.exit_code == code, result.output
        return result

    return run

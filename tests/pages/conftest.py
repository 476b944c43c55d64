"""A page over a lake, with no list of sources or key of the person who runs the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pages_run import run_page
from streamlit.testing.v1 import AppTest

from data.home import ENV, SOURCES_ENV


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, sample_home: Path, tmp_path: Path) -> Callable[..., AppTest]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(view: str = "timeline", home: Path = sample_home, sources: Path | None = None, **query: str) -> AppTest:
        monkeypatch.setenv(ENV, str(home))
        if sources:
            monkeypatch.setenv(SOURCES_ENV, str(sources))
        else:
            monkeypatch.delenv(SOURCES_ENV, raising=False)
        return run_page(view, **query)

    return run

"""What pages show while the stories of a new snapshot are being read."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from story_lakes import fit, story_lake

from dashboard import cached
from data import queries, reading
from data.lake import Lake

PATIENCE_S = 20


@pytest.fixture
def lake(empty_home: Path, tmp_path: Path) -> Lake:
    return story_lake(Path(shutil.copytree(empty_home, tmp_path / "lake")))


def retitled(lake: Lake, title: str) -> None:
    """News that arrives: a story's article says otherwise."""
    row = queries.run("SELECT * FROM {articles} LIMIT 1", queries.tables(lake.pin(), "articles")).to_pylist()[0]
    with lake.writing():
        lake.merge("articles", fit("articles", [row | {"title": title}]))


def test_pages_show_what_they_had_until_the_stories_of_a_new_snapshot_are_read(lake, monkeypatch):
    monkeypatch.setattr(cached, "READY_WITHIN_S", 0.01)
    first = cached.reading(lake.pin())
    first.make_ready()  # a page was drawn
    retitled(lake, "Another headline")
    may_go, read = threading.Event(), reading.story_index
    monkeypatch.setattr(reading, "story_index", lambda at: may_go.wait(PATIENCE_S) and read(at))
    assert cached.reading(lake.pin()) is first
    assert cached.reading(lake.pin()) is first  # and asks for no second reading
    may_go.set()
    monkeypatch.setattr(cached, "READY_WITHIN_S", PATIENCE_S)
    assert cached.reading(lake.pin()).snapshot.id == lake.pin().id != first.snapshot.id


def test_the_first_page_of_a_lake_waits_for_its_stories(lake):
    assert cached.reading(lake.pin()).snapshot.id == lake.pin().id


def test_stories_that_cannot_be_read_are_an_error_not_the_state_before(lake, monkeypatch):
    first = cached.reading(lake.pin())
    first.make_ready()
    retitled(lake, "Another headline")

    def broken(at):
        raise OSError("no such file")

    monkeypatch.setattr(reading, "story_index", broken)
    monkeypatch.setattr(threading, "excepthook", lambda told: None)
    after = cached.reading(lake.pin())
    with pytest.raises(OSError, match="no such file"):
        after.choices()

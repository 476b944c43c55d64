"""The documents say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from dashboard import cli
from data.dictionary import dictionary

ROOT = Path(__file__).parents[1]


def test_the_data_dictionary_is_up_to_date() -> None:
    assert (ROOT / "docs/tables.md").read_text() == dictionary(), "run: python -m data.dictionary > docs/tables.md"


def test_every_command_and_every_exit_code_is_described() -> None:
    described = (ROOT / "docs/cli.md").read_text()
    group = get_command(cli.app)
    commands = [name for name in group.commands if name != "import"]
    commands += [f"import {name}" for name in group.commands["import"].commands]
    assert [name for name in commands if f"`newstape {name}`" not in described] == []
    codes = {int(code) for code in re.findall(r"^ {4}(\d+) ", cli.__doc__, re.MULTILINE)}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", described, re.MULTILINE)} == codes


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_dependency_has_its_reason() -> None:
    named = re.findall(r'^  "([a-z0-9_-]+)[\[>]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    notes = (ROOT / "docs/design-notes.md").read_text()
    reasons = notes[notes.index("## Dependencies") :]
    assert [name for name in named if not re.search(rf"^\|.*\b{name}\b", reasons, re.MULTILINE)] == []

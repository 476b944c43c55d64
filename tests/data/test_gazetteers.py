"""A person's own names stand over the built-in ones; a file that cannot be used says so in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.gazetteers import BadGazetteer, builtin
from analysis.mentions import find_assets, find_mentions
from data.gazetteers import load


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def values(text: str, folder: Path, kind: str) -> list[str]:
    return [mention.value for mention in find_mentions(text, load(folder)) if mention.kind == kind]


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NEWSTAPE_GAZETTEER", raising=False)
    monkeypatch.setattr("platformdirs.user_config_path", lambda _: tmp_path / "config")


def test_without_a_folder_the_built_in_names_count() -> None:
    assert load() is builtin()


def test_a_file_adds_names_of_every_kind(tmp_path: Path) -> None:
    write(
        tmp_path,
        '[[asset]]\nsymbol = "QZQZ"\nnames = ["Quizquoz"]\n[[person]]\nname = "Jane Q. Roe"\naliases = ["Qroe"]\n'
        '[[topic]]\nname = "weather"\nkeywords = ["hailstorm"]\n',
    )
    text = "Qroe bought quizquoz in a hailstorm; Bitcoin fell."
    assert values(text, tmp_path, "asset") == ["QZQZ", "BTC"]
    assert values(text, tmp_path, "person") == ["Jane Q. Roe"]
    assert values(text, tmp_path, "topic") == ["weather"]


def test_an_entry_of_the_same_name_adds_to_the_built_in_one(tmp_path: Path) -> None:
    write(tmp_path, '[[asset]]\nsymbol = "BTC"\nnames = ["Corncoin"]\n')
    assert values("corncoin and bitcoin", tmp_path, "asset") == ["BTC", "BTC"]


def test_an_entry_that_replaces_stands_alone(tmp_path: Path) -> None:
    write(tmp_path, '[[asset]]\nsymbol = "BTC"\nreplace = true\nnames = ["Corncoin"]\n')
    assert values("corncoin and bitcoin", tmp_path, "asset") == ["BTC"]


def test_an_ignored_phrase_hides_the_name_in_it(tmp_path: Path) -> None:
    write(tmp_path, 'ignore = ["Bitcoin Bakery"]\n')
    assert values("The Bitcoin Bakery opens", tmp_path, "asset") == []


def test_later_files_stand_over_earlier_ones(tmp_path: Path) -> None:
    write(tmp_path, '[[person]]\nname = "Zed Zed"\naliases = ["Zeddy"]\n', "a.toml")
    write(tmp_path, '[[person]]\nname = "Zed Zed"\nreplace = true\n', "b.toml")
    assert values("Zeddy met Zed Zed", tmp_path, "person") == ["Zed Zed"]


def test_the_folder_is_found_by_its_variable_and_in_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "config" / "gazetteer"
    own.mkdir(parents=True)
    write(own, '[[asset]]\nsymbol = "QZQZ"\n')
    assert [mention.value for mention in find_assets("QZQZ rose", load())] == ["QZQZ"]
    named = tmp_path / "named"
    named.mkdir()
    monkeypatch.setenv("NEWSTAPE_GAZETTEER", str(write(named, '[[asset]]\nsymbol = "YXYX"\n')))
    assert [mention.value for mention in find_assets("YXYX and QZQZ rose", load())] == ["YXYX"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[person]\n", r"mine\.toml is not TOML: .*add-a-name"),
        ('[[persons]]\nname = "A B"\n', r"mine\.toml holds \['persons'\]: it may hold"),
        ('[[person]]\nname = "A B"\nalias = ["A"]\n', r"mine\.toml: \[\[person\]\] 'A B' has \['alias'\]: it may have"),
        ('[[person]]\naliases = ["A"]\n', r"mine\.toml: \[\[person\]\] .* needs a name"),
        ('[[asset]]\nsymbol = "!"\n', r"mine\.toml: \[\[asset\]\] '!' needs a symbol"),
        ('[[person]]\nname = "A B"\naliases = "A"\n', r"'A B': aliases is a list of texts"),
        ('[[person]]\nname = "A B"\naliases = ["!A"]\n', r"aliases has '!A', which starts with"),
        ('[[asset]]\nsymbol = "AB"\nword = "yes"\n', r"'AB': word is true or false"),
        ('person = "A B"\n', r"person should be a list of entries"),
        ("cues = 1\n", r"cues is a table"),
        ('[cues]\nbeside = ["x"]\n', r"\[cues\] has 'beside'"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_what_to_do(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(BadGazetteer, match=sentence):
        load(write(tmp_path, text))


def test_a_named_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadGazetteer, match="nowhere cannot be read"):
        load(tmp_path / "nowhere")

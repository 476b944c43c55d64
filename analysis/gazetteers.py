"""Gazetteers from tables of names: the project's own, and that with what a person adds.

The built-in tables (``analysis/gazetteer/*.toml``) are constants of the code that happen to stand in data files, where
anyone can read and extend them: reading them is the one exception to "no I/O in analysis".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from analysis.mention_names import Cues, Gazetteer, Name

Table = Mapping[str, Any]  # one TOML file
_Entry = dict[str, Any]

#: What an entry of each kind may say: lists of texts, but for the flags.
FIELDS = {
    "person": {"name", "aliases", "not_after"},
    "place": {"name", "aliases", "demonyms"},
    "organisation": {"name", "aliases", "names_only", "not_after", "not_before"},
    "source": {"name", "aliases", "phrases", "phrases_only"},
    "topic": {"name", "keywords", "exact"},
    "asset": {
        "symbol",
        "symbols",
        "renamed",
        "names",
        "capitalised",
        "ambiguous_names",
        "ambiguous",
        "word",
        "not_after",
        "not_before",
    },
}
_FLAGS = {"names_only", "phrases_only", "ambiguous", "word", "replace"}
_CUES = {"before", "credit", "after"}


class BadGazetteer(ValueError):
    """A table of names cannot be used; the message says which file and entry, and what to do."""


@lru_cache(maxsize=1)
def builtin() -> Gazetteer:
    """The project's own names."""
    return read(builtin_tables())


@lru_cache(maxsize=1)
def builtin_tables() -> tuple[tuple[str, Table], ...]:
    """The project's own tables, by file name."""
    found = sorted(files("analysis").joinpath("gazetteer").iterdir(), key=lambda file: file.name)
    return tuple((file.name, tomllib.loads(file.read_text(encoding="utf-8"))) for file in found)


def read(tables: Iterable[tuple[str, Table]]) -> Gazetteer:
    """One gazetteer of many tables, each with what it is called in errors.

    An entry with the name (or symbol) of an earlier one adds to its lists and sets its flags; with ``replace = true``
    it stands instead of it. Raises ``BadGazetteer``.
    """
    entries: dict[str, dict[str, _Entry]] = {kind: {} for kind in FIELDS}
    ignored: list[str] = []
    cues: dict[str, list[str]] = {kind: [] for kind in _CUES}
    for where, table in tables:
        unknown = sorted(set(table) - set(FIELDS) - {"ignore", "cues"})
        if unknown:
            raise BadGazetteer(f"{where} holds {unknown}: it may hold {sorted(FIELDS)}, ignore and cues.")
        ignored += _texts(where, "ignore", table.get("ignore", []))
        for cue, words in _mapping(where, "cues", table.get("cues", {})).items():
            if cue not in _CUES:
                raise BadGazetteer(f"{where}: [cues] has {cue!r}: it may have {sorted(_CUES)}.")
            cues[cue] += _texts(where, f"[cues] {cue}", words)
        for kind, by_name in entries.items():
            for entry in _entries(where, kind, table.get(kind, [])):
                _add(by_name, entry, "symbol" if kind == "asset" else "name")
    cited = Cues(
        before=tuple(cues["before"]),
        credit=tuple(cues["credit"]),
        after=tuple(cues["after"]),
        phrases=tuple((p, entry["name"]) for entry in entries["source"].values() for p in entry.get("phrases", ())),
    )
    names = [*_names(entries), *(Name(phrase, "nothing", phrase) for phrase in ignored)]
    try:
        return Gazetteer(tuple(dict.fromkeys(names)), cited)
    except ValueError as error:
        raise BadGazetteer(f"{error}: a name starts with a letter or digit.") from error


def _entries(where: str, kind: str, given: object) -> Iterator[_Entry]:
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise BadGazetteer(f"{where}: {kind} should be a list of entries, each under its own [[{kind}]].")
    key = "symbol" if kind == "asset" else "name"
    for entry in given:
        at = f"{where}: [[{kind}]] {entry.get(key, entry)!r}"
        unknown = sorted(set(entry) - FIELDS[kind] - {"replace"})
        if unknown:
            raise BadGazetteer(f"{at} has {unknown}: it may have {sorted(FIELDS[kind] | {'replace'})}.")
        if not isinstance(entry.get(key), str) or not entry[key][:1].isalnum():
            raise BadGazetteer(f"{at} needs a {key} that starts with a letter or digit.")
        for name, value in entry.items():
            if name in _FLAGS and not isinstance(value, bool):
                raise BadGazetteer(f"{at}: {name} is true or false.")
            if name not in _FLAGS and name != key:
                for text in _texts(at, name, value):
                    if name not in ("not_after", "not_before", "phrases") and not text[0].isalnum():
                        raise BadGazetteer(f"{at}: {name} has {text!r}, which starts with no letter or digit.")
        yield entry


def _texts(where: str, name: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise BadGazetteer(f'{where}: {name} is a list of texts, such as ["one", "another"].')
    return value


def _mapping(where: str, name: str, value: object) -> Table:
    if not isinstance(value, dict):
        raise BadGazetteer(f"{where}: {name} is a table, [{name}].")
    return value


def _add(by_name: dict[str, _Entry], entry: _Entry, key: str) -> None:
    earlier = by_name.get(entry[key])
    if earlier is None or entry.get("replace"):
        by_name[entry[key]] = entry
        return
    both = dict(earlier)
    for field, value in entry.items():
        both[field] = list(dict.fromkeys([*earlier.get(field, []), *value])) if isinstance(value, list) else value
    by_name[entry[key]] = both


def _names(entries: dict[str, dict[str, _Entry]]) -> Iterator[Name]:
    for kind in ("person", "place", "organisation", "source"):
        for entry in entries[kind].values():
            yield from _plain(entry, kind)
    for entry in entries["place"].values():
        for demonym in entry.get("demonyms", ()):
            yield Name(demonym, "demonym", entry["name"])
    for entry in entries["topic"].values():
        for keyword in entry.get("keywords", ()):
            yield Name(keyword, "topic", entry["name"], fold=True)
        for keyword in entry.get("exact", ()):
            yield Name(keyword, "topic", entry["name"])
    for entry in entries["asset"].values():
        yield from _asset(entry)


def _plain(entry: _Entry, kind: str) -> Iterator[Name]:
    own = () if entry.get("names_only") else (entry["name"],)
    needs = "phrase" if entry.get("phrases_only") else None
    for alias in dict.fromkeys((*own, *entry.get("aliases", ()))):
        one_word = " " not in alias
        not_after = frozenset(entry.get("not_after", ())) if one_word else frozenset()
        not_before = frozenset(entry.get("not_before", ())) if one_word else frozenset()
        yield Name(alias, kind, entry["name"], needs=needs, not_after=not_after, not_before=not_before)


def _asset(entry: _Entry) -> Iterator[Name]:
    value = entry["symbol"]
    needs = "coin" if entry.get("word") else "context" if entry.get("ambiguous") else None
    not_before = frozenset(entry.get("not_before", ()))
    for symbol in (value, *entry.get("symbols", ())):
        yield Name(symbol, "asset", value, symbol=True, needs=needs, not_before=not_before)
    renamed = tuple(entry.get("renamed", ()))
    for symbol in renamed:
        yield Name(symbol, "asset", symbol, symbol=True, needs=needs)
    beside = {"not_after": frozenset(entry.get("not_after", ())), "not_before": not_before}
    symbols = {value, *entry.get("symbols", ()), *renamed}
    for name in entry.get("names", ()):
        if name not in symbols:
            yield Name(name, "asset", value, fold=True, renamed=renamed)
    for name in entry.get("capitalised", ()):
        if name not in symbols:
            yield Name(name, "asset", value, renamed=renamed, **beside)
    for name in entry.get("ambiguous_names", ()):
        if name not in symbols:
            yield Name(name, "asset", value, needs="neighbour", renamed=renamed, **beside)

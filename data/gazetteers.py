"""The project's gazetteer: ``data/gazetteer/*.toml``, read once.

To teach Newstape a name, add an entry to the file of its kind; each file says at its top what its fields
mean.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.mentions import Cues, Gazetteer, Name

FOLDER = Path(__file__).parent / "gazetteer"

_Entry = dict[str, Any]


@lru_cache(maxsize=8)
def load(folder: Path = FOLDER) -> Gazetteer:
    """The gazetteer of ``folder``. Raises ``ValueError`` naming the file and entry that cannot be read."""
    sources = _read(folder, "sources", "source")
    places = _read(folder, "places", "place")
    organisations = _read(folder, "organisations", "organisation")
    people = _read(folder, "people", "person")
    topics = _read(folder, "topics", "topic")
    assets = _read(folder, "assets", "asset")
    names = (
        *_plain(people["person"], "person"),
        *_plain(places["place"], "place"),
        *(
            Name(demonym, "demonym", entry["name"])
            for entry in places["place"]
            for demonym in entry.get("demonyms", ())
        ),
        *_plain(organisations["organisation"], "organisation"),
        *_plain(sources["source"], "source"),
        *(Name(phrase, "nothing", phrase) for phrase in (*places["ignore"], *organisations["ignore"])),
        *_topics(topics["topic"]),
        *_assets(assets["asset"]),
    )
    cues = Cues(
        before=tuple(sources["cues"]["before"]),
        credit=tuple(sources["cues"]["credit"]),
        after=tuple(sources["cues"]["after"]),
        phrases=tuple((p, entry["name"]) for entry in sources["source"] for p in entry.get("phrases", ())),
    )
    return Gazetteer(names, cues)


_FIELDS = {
    "person": {"name", "aliases", "not_after"},
    "place": {"name", "aliases", "demonyms"},
    "organisation": {"name", "aliases", "names_only"},
    "source": {"name", "aliases", "phrases", "phrases_only"},
    "topic": {"name", "keywords", "exact"},
    "asset": {"symbol", "symbols", "names", "lower", "ambiguous", "ambiguous_names"},
}


def _read(folder: Path, file: str, key: str) -> _Entry:
    path = folder / f"{file}.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from error
    for entry in content[key]:
        unknown = sorted(set(entry) - _FIELDS[key])
        if unknown or not entry.get("symbol" if key == "asset" else "name"):
            raise ValueError(f"{path}: [[{key}]] {entry}: no name, or fields not known here: {unknown}")
    return content


def _plain(entries: list[_Entry], kind: str) -> Iterator[Name]:
    for entry in entries:
        own = () if entry.get("names_only") else (entry["name"],)
        needs = "phrase" if entry.get("phrases_only") else None
        for alias in dict.fromkeys((*own, *entry.get("aliases", ()))):
            not_after = entry.get("not_after", ()) if " " not in alias else ()
            yield Name(alias, kind, entry["name"], needs=needs, not_after=frozenset(not_after))


def _topics(entries: list[_Entry]) -> Iterator[Name]:
    for entry in entries:
        for keyword in entry.get("keywords", ()):
            yield Name(keyword, "topic", entry["name"], fold=True)
        for keyword in entry.get("exact", ()):
            yield Name(keyword, "topic", entry["name"])


def _assets(entries: list[_Entry]) -> Iterator[Name]:
    for entry in entries:
        value = entry["symbol"]
        needs = "context" if entry.get("ambiguous") else None
        for symbol in (value, *entry.get("symbols", ())):
            yield Name(symbol, "asset", value, symbol=True, needs=needs)
        for name in entry.get("names", ()):
            yield Name(name, "asset", value)
        for name in entry.get("lower", ()):
            yield Name(name, "asset", value)
        for name in entry.get("ambiguous_names", ()):
            yield Name(name, "asset", value, needs="neighbour")

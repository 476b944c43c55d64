"""Manifests: what made some CSVs, so that the same bytes can be made again from the versions of the tables they name.

A manifest is a JSON object: ``format``; ``page``, ``query`` (as the address has it, by name), ``clock`` and ``zone``;
``lake`` (``id``, ``format`` and the ``versions`` of its tables); ``tables`` (``name``, ``file``, ``rows``, ``bytes``,
``sha256`` of each CSV); ``sources`` (where rows are from, and on what terms); ``newstape`` and ``created_at``.

    BadManifest   it cannot be read, or its CSVs cannot be made again; the message is a sentence
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from connectors.registry import Registry
from data import pins
from data.export import csv_lines, stamp, write_lines
from data.lake import FORMAT as LAKE_FORMAT
from data.lake import Lake
from data.reading import Reading
from data.tables import TABLES
from data.view import clock
from data.view_tables import VIEW_TABLES, BadAddress, table

FORMAT = 1
NAME = "manifest.json"
MOST_BYTES = 2_000_000
_FILE = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.csv")
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Columns of the tables that say where a row is from.
_SOURCES = ("source", "other_source")


class BadManifest(ValueError):
    pass


@dataclass(frozen=True)
class Csv:
    """A file that was made of a table: its name in ``VIEW_TABLES``, rows, bytes and hash."""

    name: str
    rows: int
    bytes: int
    sha256: str
    sources: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.csv"


def csv(name: str, frame: pd.DataFrame, write: Callable[[bytes], object]) -> Csv:
    """Write a table, some rows at a time, and tell what was written."""
    size, digest = 0, hashlib.sha256()
    for part in csv_lines(frame):
        data = part.encode()
        write(data)
        digest.update(data)
        size += len(data)
    named = {value for column in _SOURCES if column in frame for value in frame[column].dropna().unique()}
    return Csv(name, len(frame), size, digest.hexdigest(), tuple(sorted(map(str, named))))


def manifest(
    reading: Reading,
    page: str,
    query: Mapping[str, Sequence[str]],
    csvs: Iterable[Csv],
    registry: Registry,
    made_at: datetime,
) -> dict[str, object]:
    """What made these CSVs. ``query``: the whole of it, nothing left to a default."""
    csvs = list(csvs)
    known = query.get("known", ())
    return {
        "format": FORMAT,
        "page": page,
        "query": {name: list(values) for name, values in sorted(query.items())},
        "clock": stamp(clock(known[-1])) if known else None,
        "zone": next(iter(query.get("tz", ())), "UTC"),
        "lake": {
            "id": reading.snapshot.lake_id,
            "format": LAKE_FORMAT,
            "versions": dict(sorted(reading.snapshot.versions.items())),
        },
        "tables": [
            {"name": one.name, "file": one.file, "rows": one.rows, "bytes": one.bytes, "sha256": one.sha256}
            for one in csvs
        ],
        "sources": sources({name for one in csvs for name in one.sources}, registry),
        "newstape": version("newstape"),
        "created_at": f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def written(made: Mapping[str, object]) -> bytes:
    return (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode()


def sources(names: Iterable[str], registry: Registry) -> list[dict[str, object]]:
    """What the list of sources says of these: publisher and terms, each empty where it says nothing."""
    told = []
    for name in sorted(names):
        lines = [line for line in registry.sources.values() if name in (line.name, line.connector.source)]
        publishers = {getattr(line.connector, "publisher", None) for line in lines} - {None}
        terms = {line.terms for line in lines} - {None}
        told.append(
            {
                "source": name,
                "publisher": "; ".join(sorted(publishers)) or None,
                "terms": "; ".join(sorted(terms)) or None,
                "listed": bool(lines),
            }
        )
    return told


# ── and back ──────────────────────────────────────────────────────────────────────────────────────────


def read(path: Path) -> dict:
    """A manifest from its file, or from the evidence pack it lies in. Raises BadManifest."""
    try:
        content = _content(path)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise BadManifest(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if len(content) > MOST_BYTES:
        raise BadManifest(f"{path} is no manifest: it has more than {MOST_BYTES:,} bytes.")
    try:
        held = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadManifest(f"{path} is no manifest: it is not JSON.") from error
    if isinstance(held, dict) and isinstance(held.get("format"), int) and held["format"] > FORMAT:
        raise BadManifest(f"{path} was made by a newer Newstape: update Newstape.")
    if not _well_formed(held):
        raise BadManifest(f"{path} is no manifest of Newstape.")
    return held


def _content(path: Path) -> bytes:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as pack, pack.open(NAME) as file:
            return file.read(MOST_BYTES + 1)
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _well_formed(held: object) -> bool:
    try:
        return (
            held["format"] == FORMAT
            and isinstance(held["lake"]["id"], str)
            and isinstance(held["lake"]["format"], int)
            and {*held["lake"]["versions"]} <= {*TABLES}
            and all(type(n) is int and n >= 0 for n in held["lake"]["versions"].values())
            and all(isinstance(value, str) for values in held["query"].values() for value in values)
            and all(isinstance(values, list) for values in held["query"].values())
            and all(
                one["name"] in VIEW_TABLES
                and _FILE.fullmatch(one["file"]) is not None
                and _SHA256.fullmatch(one["sha256"]) is not None
                for one in held["tables"]
            )
            and len({one["file"] for one in held["tables"]}) == len(held["tables"])
        )
    except (KeyError, TypeError, AttributeError):
        return False


def remake(lake: Lake, held: Mapping, folder: Path) -> list[Path]:
    """Make a manifest's CSVs again, in this folder: all of them with the bytes it names, or none.

    Raises BadManifest where they cannot be, ``data.lake.NoLake`` where there is no lake.
    """
    told = held["lake"]
    if told["format"] != LAKE_FORMAT:
        raise BadManifest(
            f"The manifest names tables of format {told['format']}; this Newstape reads format {LAKE_FORMAT}."
        )
    try:
        reading = Reading(pins.reopen(lake.pin(), told["id"], told["versions"]))
    except pins.VersionsGone as gone:
        raise BadManifest(f"The CSVs of this manifest cannot be made again. {gone}") from gone
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".newstape-", dir=folder) as beside:
            for one in held["tables"]:
                _remade(reading, held, one, Path(beside))
            # Only now: what was here before stays where one of them cannot be made.
            return [(Path(beside) / one["file"]).replace(folder / one["file"]) for one in held["tables"]]
    except OSError as error:
        raise BadManifest(f"{folder} cannot be written to: {error.strerror or error}.") from error


def _remade(reading: Reading, held: Mapping, one: Mapping, folder: Path) -> None:
    digest = hashlib.sha256()

    def hashed(lines: Iterable[str]) -> Iterable[str]:
        for part in lines:
            digest.update(part.encode())
            yield part

    try:
        frame = table(reading, one["name"], held["query"])
    except BadAddress as error:
        raise BadManifest(f"The query of this manifest cannot be read. {error}") from error
    write_lines(hashed(csv_lines(frame)), str(folder / one["file"]))
    if digest.hexdigest() != one["sha256"]:
        raise BadManifest(
            f"{one['file']} comes out otherwise than the manifest says. It was made with Newstape "
            f"{held.get('newstape', '?')}, this is {version('newstape')}; nothing was written."
        )

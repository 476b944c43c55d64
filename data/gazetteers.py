"""The names Newstape knows: the built-in ones, and over them what a person adds (docs/add-a-name.md)."""

from __future__ import annotations

import os
import tomllib
from functools import lru_cache
from pathlib import Path

import platformdirs

from analysis.gazetteers import BadGazetteer, Table, builtin, builtin_tables, read
from analysis.mention_names import Gazetteer

ENV = "NEWSTAPE_GAZETTEER"


def load(folder: str | Path | None = None) -> Gazetteer:
    """The built-in gazetteer, and over it the TOML files of a folder in the order of their names: the argument, else
    ``$NEWSTAPE_GAZETTEER``, else ``gazetteer`` in the user's configuration folder where there is one.

    Files are read again when they change. Raises ``BadGazetteer``, which names the file, the entry and what to do.
    """
    named = folder or os.environ.get(ENV)
    own = Path(named).expanduser() if named else platformdirs.user_config_path("newstape") / "gazetteer"
    if not named and not own.is_dir():
        return builtin()
    try:
        paths = sorted(path for path in own.iterdir() if path.suffix == ".toml")
        return _with(tuple((path, path.stat().st_mtime_ns) for path in paths))
    except OSError as error:
        raise BadGazetteer(f"{error.filename or own} cannot be read: {error.strerror or error}.") from error


@lru_cache(maxsize=4)
def _with(stamped: tuple[tuple[Path, int], ...]) -> Gazetteer:
    return read([*builtin_tables(), *((str(path), _table(path)) for path, _ in stamped)])


def _table(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadGazetteer(f"{path} is not TOML: {error}. docs/add-a-name.md shows its shape.") from error

"""Where the lake is (a folder, or an address on an object store), and where a person's own list of sources."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from connectors.registry import Registry

ENV = "NEWSTAPE_HOME"


def resolve(home: str | Path | None = None) -> str:
    """The lake's place: the argument, else ``$NEWSTAPE_HOME``, else the user's data folder.

    Returns an absolute path without a trailing slash, or a URL such as ``s3://bucket/lake`` as given.
    """
    given = str(home or os.environ.get(ENV) or platformdirs.user_data_path("newstape"))
    if is_url(given):
        return given.rstrip("/")
    return str(Path(given).expanduser().absolute())


def is_url(home: str) -> bool:
    return "://" in home


def storage_options() -> dict[str, str]:
    """What delta-rs needs to write to an object store safely, from the environment.

    ``aws_conditional_put=etag`` makes a commit fail when another writer took its version first; S3 and
    every current S3-protocol server support it. Credentials and endpoint come from the usual
    ``AWS_*`` variables, which delta-rs reads by itself.
    """
    return {"aws_conditional_put": os.environ.get("AWS_CONDITIONAL_PUT", "etag")}


SOURCES_ENV = "NEWSTAPE_SOURCES"


def registry() -> Registry:
    """The built-in sources, and over them a person's own file: ``$NEWSTAPE_SOURCES``, else ``sources.toml`` in the
    user's configuration folder (``~/.config/newstape`` on Linux) where there is one.

    Raises ``connectors.registry.BadRegistry``.
    """
    from connectors.registry import DEFAULT, load

    named = os.environ.get(SOURCES_ENV)
    own = Path(named) if named else platformdirs.user_config_path("newstape") / "sources.toml"
    return load(own) if named or own.is_file() else DEFAULT

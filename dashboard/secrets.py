"""Optional provider keys: from the environment, else from Streamlit's secrets file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path


def with_secrets(environ: Mapping[str, str] = os.environ, *folders: Path) -> dict[str, str]:
    """The environment, and beneath it the top-level texts of ``.streamlit/secrets.toml``.

    ``folders`` are looked in, first found first; by default the current one and the user's home. Raises
    ValueError for a file that is not TOML.
    """
    found: dict[str, str] = {}
    for folder in folders or (Path.cwd(), Path.home()):
        path = folder / ".streamlit" / "secrets.toml"
        if path.is_file():
            try:
                held = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise ValueError(f"{path} cannot be read: {error}. Compare it with secrets.toml.example.") from error
            found = {name: value for name, value in held.items() if isinstance(value, str) and value} | found
    return {**found, **environ}

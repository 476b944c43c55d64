"""The chart's script: the files of ``assets/`` as one, for the page and for a file of its own. No Streamlit.

The files are ECMAScript modules; as one script they share one scope, so a name stands in one of them only.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from functools import cache
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
#: In the order in which they build on one another.
FILES = ("decode", "scales", "theme", "pen", "layout", "groups", "marks", "draw", "overlay", "input", "chart")
_IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|const|class)", re.MULTILINE)


@cache
def module() -> str:
    """One ECMAScript module, whose default export mounts the chart."""
    style = (ASSETS / "chart.css").read_text(encoding="utf-8")
    parts = [(ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in FILES]
    joined = "\n".join(_EXPORT.sub("", _IMPORT.sub("", part)) for part in parts)
    return joined.replace('"__STYLE__"', json.dumps(style))


@cache
def digest() -> str:
    """Names the script by what it holds, so that a browser may keep it for ever."""
    return hashlib.blake2b(module().encode(), digest_size=8).hexdigest()


@cache
def packed() -> bytes:
    """The module, gzipped."""
    return gzip.compress(module().encode(), mtime=0)


def loader(base_path: str = "") -> str:
    """The few bytes sent with every rerun: they fetch the module once a page load.

    ``base_path``: where the app is mounted, as ``server.baseUrlPath`` has it.
    """
    prefix = base_path.strip("/")
    address = (f"/{prefix}" if prefix else "") + address_path()
    return (
        "let chart;\n"
        "export default async (mount) => {\n"
        f"  chart ??= await import(new URL({json.dumps(address)}, location.origin).href);\n"
        "  return chart.default(mount);\n};"
    )


def address_path() -> str:
    return f"/api/chart/{digest()}.js"


def standalone(payload: bytes, title: str) -> str:
    """The chart as an HTML page of its own: pans, zooms and tells values, asks no server for anything.

    ``payload``: of ``payload.encode``. What it shows is what was sent for the range; a closer look is not fetched.
    """
    from dashboard.chart.payload import framed

    message = framed({"seen": 0, "selected": None, "selectedAt": None, "picture": None, "search": None}) + payload
    script = module().replace("export default function mount", "function mount")
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{html.escape(title)}</title>
<style>:root {{ color-scheme: light dark }} body {{ margin: 1rem; font-family: system-ui, sans-serif }}
@media (prefers-color-scheme: dark) {{
  :root {{ --st-background-color: #171614; --st-text-color: #edebe8; --st-border-color: #454b57 }}
  body {{ background: #171614; color: #edebe8 }}
}}</style>
<h1 style="font-size: 1.1rem">{html.escape(title)}</h1>
<div id="chart"></div>
<script type="module">
{script}
const bytes = Uint8Array.from(atob("{base64.b64encode(message).decode()}"), (c) => c.charCodeAt(0));
new Chart(document.getElementById("chart"), null).update(bytes);
</script>
</html>
"""

"""An evidence pack: what a page showed, in one zip that says where it is from and how to make it again. No Streamlit.

The same view of the same snapshot, picture and time make the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime

from connectors.registry import Registry
from data.manifest import NAME, Csv, csv, manifest, written
from data.reading import Reading
from data.view import View, params, stamp
from data.view_tables import shown, table

PNG = b"\x89PNG\r\n\x1a\n"
#: Zip's first day: a pack's files carry no time of their own.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def pack(
    reading: Reading,
    view: View,
    *,
    summary: str,
    chart_html: str,
    chart_png: bytes | None,
    registry: Registry,
    made_at: datetime,
    page: str = "timeline",
    tables: Iterable[str] | None = None,
) -> bytes:
    """A zip with the CSVs of ``tables`` (those the view shows), the chart as picture and page, the manifest, and
    a README.

    ``summary``: the sentence that says the chart. ``chart_html``: of ``chart.script.standalone``. ``chart_png``: as the
    browser drew it; None where it sent none.
    """
    query = params(view)
    csvs = []
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as zipped:
        for name in shown(view) if tables is None else tables:
            with zipped.open(_entry(f"{name}.csv"), "w", force_zip64=True) as file:
                csvs.append(csv(name, table(reading, name, query), file.write))
        made = manifest(reading, page, query, csvs, registry, made_at)
        picture = chart_png if chart_png and chart_png.startswith(PNG) else None
        if picture:
            zipped.writestr(_entry("chart.png", zipfile.ZIP_STORED), picture)
        zipped.writestr(_entry("chart.html"), chart_html)
        zipped.writestr(_entry(NAME), written(made))
        zipped.writestr(_entry("README.txt"), readme(view, made, csvs, summary, picture is not None))
    return held.getvalue()


def file_name(view: View) -> str:
    """newstape-BTC-2025-03-20-2025-04-05.zip: of the view alone, safe on every system."""
    asset = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in view.asset)
    return f"newstape-{asset}-{view.start:%Y-%m-%d}-{view.end:%Y-%m-%d}.zip"


def _entry(name: str, how: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.compress_type, entry.create_system, entry.external_attr = how, 3, 0o644 << 16
    return entry


def readme(view: View, made: Mapping, csvs: Iterable[Csv], summary: str, picture: bool) -> str:
    """What the pack is, in plain words."""
    known = "everything stored when the pack was made" if view.known_at is None else stamp(view.known_at)
    files = [f"  {one.file}: {one.rows:,} rows" for one in csvs]
    files.append("  chart.png: the chart as the browser drew it" if picture else "  (the browser sent no picture)")
    files.append("  chart.html: the chart to open in a browser: it moves, zooms and tells values, and needs no network")
    files.append("  manifest.json: what all this was made from")
    from_ = [
        f"  {one['source']}"
        + (f" ({one['publisher']})" if one["publisher"] and one["publisher"] != one["source"] else "")
        + (f": {one['terms']}" if one["terms"] else ": terms not stated in the list of sources; ask the source")
        for one in made["sources"]
    ]
    lines = [
        "Newstape evidence pack",
        "",
        summary,
        "",
        f"Made {made['created_at']} by Newstape {made['newstape']}.",
        f"Range: from {stamp(view.start)} to {stamp(view.end)}, the end left out.",
        f"Known at: {known}.",
        f"Times in the CSVs are UTC. The page showed them in {view.zone}.",
        "",
        "Files",
        *files,
        "",
        "Where the rows are from",
        *(from_ or ["  no source: no row"]),
        "",
        "A price that moved after a story need not have moved because of it. Totals of the market are counted in",
        "different ways: the column definition says which.",
        "",
        "The same CSVs can be made again, byte for byte, for as long as the tables' versions are kept:",
        "  newstape export --manifest manifest.json --output again",
        "",
    ]
    return "\r\n".join(lines)

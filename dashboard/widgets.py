"""Parts of pages: untrusted text, facts, downloads, the zone line.

Headlines and page text are never handed to a Streamlit call that reads Markdown or HTML: they go through
``plain`` and ``facts``, which escape, or into tables, which draw them as they are.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable

import pandas as pd
import streamlit as st

from dashboard import cached
from data.export import csv_bytes
from data.lake import NoLake, Snapshot

STYLE = """<style>
.stMainBlockContainer {padding-left: 2rem; padding-right: 2rem}
@media (max-width: 640px) {.stMainBlockContainer {padding-left: 1rem; padding-right: 1rem}}
.nt-facts {width: 100%; border-collapse: collapse; font-size: 0.9rem; margin: 0 0 0.4rem 0}
.nt-facts td {padding: 0.16rem 0.5rem 0.16rem 0; border: 0; vertical-align: top}
.nt-facts td:first-child {opacity: 0.72; white-space: nowrap; width: 1%}
.nt-facts td.n {text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap}
.nt-facts .small, .nt-note {opacity: 0.72; font-size: 0.82rem}
.nt-title {font-size: 1.12rem; font-weight: 600; line-height: 1.35; margin: 0 0 0.3rem 0; overflow-wrap: anywhere}
.nt-quote {border-left: 3px solid #5b9bd5; padding: 0 0 0 0.6rem; margin: 0.2rem 0 0.4rem 0; overflow-wrap: anywhere}
.nt-head {font-size: 0.78rem; font-weight: 600; letter-spacing: 0.04em; text-transform: uppercase; opacity: 0.72;
  margin: 0.7rem 0 0.2rem 0}
.nt-verdict {display: inline-block; border: 1px solid currentColor; border-radius: 0.6rem; padding: 0 0.45rem;
  font-size: 0.82rem; white-space: nowrap}
</style>"""


def style() -> None:
    st.html(STYLE)


def plain(text: str, kind: str = "nt-note") -> None:
    """Text from outside, as text."""
    st.html(f'<div class="{kind}">{html.escape(text)}</div>')


def head(text: str) -> None:
    plain(text, "nt-head")


def facts(rows: Iterable[tuple[str, ...]], *, figures: bool = False) -> None:
    """A small table: the first column is the label; ``figures`` aligns the others to the right."""
    kind = ' class="n"' if figures else ""
    lines = []
    for label, *values in rows:
        cells = "".join(f"<td{kind}>{html.escape(value)}</td>" for value in values)
        lines.append(f"<tr><td>{html.escape(label)}</td>{cells}</tr>")
    st.html(f'<table class="nt-facts">{"".join(lines)}</table>')


def require_lake() -> Snapshot:
    """The published lake, or a page that says how to make one."""
    try:
        return cached.snapshot()
    except NoLake as missing:
        st.subheader("No data yet")
        plain(str(missing))
        st.stop()


def download(label: str, frame: Callable[[], pd.DataFrame], file_name: str, key: str) -> None:
    """A button that makes its CSV when it is pressed."""
    st.download_button(
        label, lambda: csv_bytes(frame()), file_name, "text/csv", key=key, on_click="ignore", icon=":material/download:"
    )

"""Parts of pages: untrusted text, facts, downloads, the zone line.

Headlines and page text are never handed to a Streamlit call that reads Markdown or HTML: they go through
``plain`` and ``facts``, which escape, or into tables, which draw them as they are.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd
import streamlit as st

from analysis.diff import Piece
from dashboard import cached, export_routes, freshness
from data.export import csv_bytes
from data.lake import NoLake, Snapshot

#: The page whose address is the app's own.
HOME = "timeline"
#: A diff draws so many pieces at most; a browser lays out more of them slowly.
DIFF_PIECES = 6_000
_BASE_PATH = st.get_option("server.baseUrlPath") or ""

STYLE = """<style>
.stButton button[kind="primary"], .stMultiSelect [data-tag], .stMultiSelect [data-tag] * {
  color: light-dark(#ffffff, #171614)}
.stButton button kbd {opacity: 0.72}
.nt-facts {width: 100%; border-collapse: collapse; font-size: 0.9rem; margin: 0 0 0.4rem 0}
.nt-facts td {padding: 0.16rem 0.5rem 0.16rem 0; border: 0; vertical-align: top; overflow-wrap: anywhere}
.nt-facts td:first-child {opacity: 0.72; white-space: nowrap; width: 1%}
.nt-facts td.n {text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap}
.nt-blocks {table-layout: fixed}
.nt-blocks td:first-child {width: 9.5rem; white-space: normal}
.nt-blocks small {display: none}
@media (max-width: 600px) {
  .nt-blocks tr:first-child {display: none}
  .nt-blocks tr, .nt-blocks td, .nt-blocks td:first-child {display: block; width: auto}
  .nt-blocks td:first-child {font-weight: 600; opacity: 1; padding-top: 0.5rem}
  .nt-blocks small {display: inline; opacity: 0.72; margin-right: 0.4rem}}
.nt-facts .small, .nt-note {opacity: 0.72; font-size: 0.82rem}
.nt-title {font-size: 1.12rem; font-weight: 600; line-height: 1.35; margin: 0 0 0.3rem 0; overflow-wrap: anywhere}
.nt-line {font-size: 0.95rem; margin: 0 0 0.3rem 0; overflow-wrap: anywhere}
.nt-quote {border-left: 3px solid #4a8ccc; padding: 0 0 0 0.6rem; margin: 0.2rem 0 0.4rem 0; overflow-wrap: anywhere}
.nt-head {font-size: 0.78rem; font-weight: 600; letter-spacing: 0.04em; text-transform: uppercase; opacity: 0.72;
  margin: 0.7rem 0 0.2rem 0}
.nt-verdict {display: inline-block; border: 1px solid currentColor; border-radius: 0.6rem; padding: 0 0.45rem;
  font-size: 0.82rem; white-space: nowrap}
.nt-card {border: 1px solid rgba(128,128,128,0.35); border-radius: 0.5rem; padding: 0.5rem 0.8rem 0.55rem 0.8rem;
  margin: 0 0 0.5rem 0; font-size: 0.9rem; overflow-wrap: anywhere}
.nt-card .nt-quote {margin-bottom: 0.3rem}
.nt-card mark {background: rgba(74,140,204,0.28); color: inherit; padding: 0 0.1rem}
.nt-check {display: grid; grid-template-columns: 11.5rem 1fr; gap: 0 0.8rem; padding: 0.35rem 0 0.3rem 0;
  border-top: 1px solid rgba(128,128,128,0.22)}
.nt-check .cells {display: flex; flex-wrap: wrap; gap: 0 1.1rem; font-variant-numeric: tabular-nums}
.nt-check .cells b {font-weight: 600}
.nt-check .cells i {font-style: normal; opacity: 0.72; font-size: 0.82rem; margin-right: 0.3rem}
.nt-card {container-type: inline-size}
@container (max-width: 34rem) {.nt-check {grid-template-columns: 1fr; gap: 0.2rem}}
.nt-verdict.matches {border: 2px solid #2f7ed8}
.nt-verdict.another {border: 2px dashed #2f7ed8}
.nt-verdict.differs {border: 2px solid #d9691a; border-radius: 0.1rem}
.nt-verdict.cannot {border: 1px dotted currentColor}
.nt-diff {white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.92rem; line-height: 1.6; max-height: 34rem;
  overflow-y: auto; border: 1px solid rgba(128,128,128,0.35); border-radius: 0.5rem; padding: 0.6rem 0.9rem}
.nt-diff del {background: rgba(217,105,26,0.22); text-decoration: line-through}
.nt-diff ins {background: rgba(47,126,216,0.22); text-decoration: underline; text-underline-offset: 0.15em}
.nt-diff small {opacity: 0.72}
.nt-lead {font-size: 1.05rem; font-weight: 600; line-height: 1.4; overflow-wrap: anywhere}
.nt-links {display: flex; flex-wrap: wrap; gap: 0.5rem}
.nt-links a {border: 1px solid rgba(128,128,128,0.35); border-radius: 0.5rem; padding: 0.5rem 0.75rem; color: inherit;
  text-decoration: none; font-size: 0.875rem; line-height: 1.4}
.nt-links a:hover, .nt-links a:focus-visible {border-color: #1f66b5; text-decoration: underline}
.nt-key {font-size: 0.82rem; line-height: 1.7}
.nt-key span {display: inline-block; margin-right: 1.2rem}
.nt-key i {display: inline-block; width: 1.3rem; height: 0.75rem; margin-right: 0.4rem; vertical-align: middle}
.nt-key .present {background: #2f7ed8}
.nt-key .idle {background: #2f7ed8; height: 0.25rem}
.nt-key .missing {background: #d9691a; height: 1rem}
.nt-key .never {border: 1px solid #8a8d93;
  background: repeating-linear-gradient(135deg, #8a8d93 0 1px, transparent 1px 5px)}
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


def matrix(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """``facts`` with a name over each column; on a phone a block a row, each value after the name of its column."""
    lines = [f"<tr>{''.join(f'<td>{html.escape(name)}</td>' for name in header)}</tr>"]
    for label, *values in rows:
        cells = "".join(
            f"<td><small>{html.escape(name)}</small>{html.escape(value)}</td>"
            for name, value in zip(header[1:], values, strict=True)
        )
        lines.append(f"<tr><td>{html.escape(label)}</td>{cells}</tr>")
    st.html(f'<table class="nt-facts nt-blocks">{"".join(lines)}</table>')


def diff(pieces: Iterable[Piece], *, show: int = DIFF_PIECES) -> int:
    """A word diff inline: what was removed struck through, what was added underlined. Returns the pieces left out."""
    tags = {"same": "span", "removed": "del", "added": "ins"}
    pieces = list(pieces)
    parts = (f"<{tags[piece.kind]}>{html.escape(piece.text)}</{tags[piece.kind]}>" for piece in pieces[:show])
    st.html(f'<div class="nt-diff">{" ".join(parts)}</div>')
    return max(len(pieces) - show, 0)


def page_link(page: str, label: str, **query: str) -> None:
    """A link to another page of the app, by its address; the label is our own words, never text from outside."""
    # Streamlit knows pages by their address; which function draws one does not matter here.
    target = st.Page(lambda: None, title=label, url_path=page, default=page == HOME)
    st.page_link(target, label=label, icon=":material/arrow_forward:", query_params=query)


def key(entries: Iterable[tuple[str, str]]) -> None:
    """What the marks of a chart mean: (class of ``.nt-key``, words)."""
    parts = "".join(f'<span><i class="{html.escape(name)}"></i>{html.escape(text)}</span>' for name, text in entries)
    st.html(f'<div class="nt-key">{parts}</div>')


def stale_notice(at: Snapshot, asset: str, ends: pd.Timestamp | None) -> None:
    """One line above a page whose prices, total market cap or news are not fresh; nothing where they are."""
    standing = cached.standing(at)
    line = freshness.stale_line(standing.jobs, standing.registry, asset, ends)
    if standing.trouble:
        line = f"{line or ''} A file of yours cannot be used.".strip()
    if line:
        st.html(
            f'<div class="nt-alert" role="status">{html.escape(line)} <a href="health">Data health</a> says more.</div>'
        )


def full_text(article: pd.Series) -> str:
    """What offsets of mentions and claims count in: title, line break, text; the summary where there is no text."""
    text = next((article[name] for name in ("text", "summary") if pd.notna(article.get(name))), "")
    return f"{article['title']}\n{text}"


def require_lake() -> Snapshot:
    """The published lake, or a page that says how to make one."""
    try:
        return cached.snapshot()
    except NoLake as missing:
        st.subheader("No data yet")
        plain(str(missing))
        st.stop()


def csv_links(names: Iterable[str], query: Mapping[str, Sequence[str]]) -> None:
    """Tables by address (``dashboard.export_routes``), of what a page's address says."""
    links = []
    for name in names:
        at = html.escape(export_routes.address(name, query, _BASE_PATH))
        label = f"{name.replace('-', ' ').capitalize()} CSV"
        links.append(f'<a href="{at}" download>{html.escape(label)}</a>')
    st.html(f'<div class="nt-links">{"".join(links)}</div>', width="content")


def download(label: str, frame: Callable[[], pd.DataFrame], file_name: str, key: str) -> None:
    """A button that makes its CSV when it is pressed."""
    st.download_button(
        label, lambda: csv_bytes(frame()), file_name, "text/csv", key=key, on_click="ignore", icon=":material/download:"
    )

"""The button that hands over an evidence pack of what a page shows.

Pressing it asks the chart for its picture; once the browser has sent that, the pack is made, its table versions are
pinned, and the browser fetches it: one click. Pressed again while the browser is still drawing, it makes do without.

In the session's state: ``picture_asked``, the name of the picture that ``chart(picture=…)`` has to ask for, and
``picture``, the (name, PNG) that its event brought. ``pack_made``: the view, address and name of the pack made last.
"""

from __future__ import annotations

import html
import json
import uuid

import pandas as pd
import streamlit as st

from connectors.registry import DEFAULT, BadRegistry, Registry
from dashboard import evidence, export_routes, widgets
from dashboard.chart.script import standalone
from data import home, pins
from data.reading import Reading
from data.view import View, stamp


def button(reading: Reading, view: View, payload: bytes, picture: tuple[str, bytes] | None, summary: str) -> None:
    """``payload``, ``summary``: of the chart that is shown. ``picture``: what its event brought last, if anything.

    Has to stand below the chart, in the same fragment.
    """
    state = st.session_state
    waiting = state.get("picture_asked")
    arrived = waiting is not None and picture is not None and picture[0] == waiting
    if arrived or state.pop("picture_forgone", False):
        waiting = state["picture_asked"] = state["picture"] = None
        _make(reading, view, payload, picture[1] if arrived else None, summary)
    st.button(
        "Evidence pack" if waiting is None else "Evidence pack: drawing the picture …",
        key="evidence",
        icon=":material/folder_zip:",
        on_click=_pressed,
        help="The CSVs shown, the chart as picture and page, and a manifest that makes the same CSVs again"
        if waiting is None
        else "Press again to have it without the picture",
    )
    made = state.get("pack_made")
    if made and made["view"] == view:
        _hand_over(made)


def _pressed() -> None:
    state = st.session_state
    if state.get("picture_asked") is not None:
        state["picture_forgone"] = True
    else:
        state["picture_asked"] = f"evidence-{uuid.uuid4().hex}"


def _make(reading: Reading, view: View, payload: bytes, png: bytes | None, summary: str) -> None:
    now = pd.Timestamp.now("UTC")
    told = None
    try:
        pins.keep(reading.snapshot, f"Evidence pack: {view.asset}, {stamp(view.start)} to {stamp(view.end)}", now)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        told = f"The table versions could not be pinned ({why}): the CSVs can be made again for about seven days only."
    made = evidence.pack(
        reading,
        view,
        summary=summary,
        chart_html=standalone(payload, summary),
        chart_png=png,
        registry=_registry(),
        made_at=now,
    )
    name = evidence.file_name(view)
    address = export_routes.offer(name, made, st.get_option("server.baseUrlPath") or "")
    st.session_state["pack_made"] = {"view": view, "address": address, "name": name, "told": told, "handed": False}


def _hand_over(made: dict) -> None:
    """A link to the pack; the first time, the browser follows it by itself."""
    address, name = html.escape(made["address"], quote=True), html.escape(made["name"])
    link = f'<a href="{address}" download="{name}">{name}</a>'
    if made["handed"]:
        st.html(link)
    else:
        made["handed"] = True
        fetch = (
            f"Object.assign(document.createElement('a'), {{href: {json.dumps(made['address'])}, download: ''}}).click()"
        )
        st.html(f"{link}<script>{fetch}</script>", unsafe_allow_javascript=True)
    if made["told"]:
        widgets.plain(made["told"])


def _registry() -> Registry:
    try:
        return home.registry()
    except BadRegistry:  # the page says so already
        return DEFAULT

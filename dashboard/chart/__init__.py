"""The timeline's chart: kept alive in the browser, told what to show in bytes, telling back range, item, picture.

``payload.encode`` makes the bytes (pure; cache them), ``chart`` puts them on a page, ``script.standalone`` in a file.
The server has to answer ``routes.ROUTES``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import streamlit as st

from dashboard.chart.events import ChartEvent, event_of
from dashboard.chart.payload import framed
from dashboard.chart.script import loader

__all__ = ["ChartEvent", "chart"]

_mount = st.components.v2.component("newstape_chart", js=loader(st.get_option("server.baseUrlPath") or ""))


def chart(
    payload: bytes,
    *,
    key: str,
    selected: str | None = None,
    height: int | Literal["content"] = "content",
    selected_at: tuple[datetime, datetime] | None = None,
    picture: str | None = None,
    search: str | None = None,
    on_event: Callable[[ChartEvent], None] | None = None,
) -> ChartEvent:
    """Show a chart; returns what its user did since the last run.

    ``payload``: of ``payload.encode``. ``key``: keeps the chart alive over reruns. ``height``: ``payload.height_of``,
    so that the place is kept while the page loads. ``selected``: the id of the item drawn as the chosen one,
    ``selected_at`` the aware instants it was published between (equal where that is known exactly), needed only where
    no mark of its own is in the payload. ``picture``: a name; for each new one the browser sends the chart as a PNG
    once. ``search``: the label of the page's search field, which ``/`` goes to.

    A range or click reruns the script, or the fragment the chart stands in. ``on_event`` is called before that run
    begins, so that the page can take the new range before it reads anything; each event is told once.
    """

    def told(name: str) -> None:
        event = event_of({name: (st.session_state.get(key) or {}).get(name)})
        if event.seen is not None:
            st.session_state[_seen(key)] = event.seen
        if on_event is not None and event:
            on_event(event)

    asked = {
        "seen": st.session_state.get(_seen(key), 0),
        "selected": selected,
        "selectedAt": selected_at and [round(at.timestamp() * 1000) for at in selected_at],
        "picture": picture,
        "search": search,
    }
    result = _mount(
        key=key,
        data=framed(asked) + payload,
        height=height,
        on_range_change=lambda: told("range"),
        on_selected_change=lambda: told("selected"),
        on_picture_change=lambda: told("picture"),
    )
    return event_of(result)


def _seen(key: str) -> str:
    return f"{key}-moves-seen"

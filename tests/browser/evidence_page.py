"""A page that holds the timeline's chart and the evidence button; served by the tests of the button."""

from __future__ import annotations

import streamlit as st


@st.fragment
def part() -> None:
    from dashboard import cached
    from dashboard.chart import ChartEvent, chart
    from dashboard.views import evidence
    from data.view import View, clock

    def happened(event: ChartEvent) -> None:
        if event.picture:
            st.session_state["picture"] = event.picture

    reading = cached.reading(cached.snapshot())
    view = View(clock("2025-03-20"), clock("2025-04-06"))
    drawn = cached.timeline(reading, view)
    # ?picture=never: as a browser that cannot draw one.
    picture = None if "picture" in st.query_params else st.session_state.get("picture_asked")
    chart(drawn.payload, key="chart", height=drawn.height, picture=picture, on_event=happened)
    evidence.button(reading, view, drawn.payload, st.session_state.get("picture"), drawn.summary)
    st.button("Rerun")


if __name__ == "__main__":
    part()
else:
    from dashboard.routes import ROUTES

    app = st.App(__file__, routes=ROUTES)

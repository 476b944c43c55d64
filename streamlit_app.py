"""Newstape's pages. Run with ``newstape serve``."""

import streamlit as st

from dashboard.views import health, timeline

st.set_page_config(page_title="Newstape", page_icon="📈", layout="wide", initial_sidebar_state="collapsed")
st.navigation(
    [
        st.Page(timeline.page, title="Timeline", icon=":material/timeline:", url_path="timeline", default=True),
        st.Page(health.page, title="Data health", icon=":material/vital_signs:", url_path="health"),
    ],
    position="top",
).run()

"""The floor: a fragment that redraws one word."""

from __future__ import annotations

import streamlit as st


@st.fragment
def part() -> None:
    if st.button("Next"):
        st.session_state["i"] = st.session_state.get("i", 0) + 1
    st.text(f"run {st.session_state.get('i', 0)}")


part()

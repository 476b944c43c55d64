"""Newstape's pages and what else its server answers. Run with ``newstape serve``."""

import streamlit as st

if __name__ == "__main__":  # a page is being drawn
    from dashboard.views import add_story, claims, health, market, replay, story_page, timeline

    st.set_page_config(page_title="Newstape", page_icon="📈", layout="wide", initial_sidebar_state="collapsed")
    page = st.navigation(
        [
            st.Page(timeline.page, title="Timeline", icon=":material/timeline:", url_path="timeline", default=True),
            st.Page(market.page, title="Market", icon=":material/monitoring:", url_path="market"),
            st.Page(story_page.page, title="Story", icon=":material/article:", url_path="story"),
            st.Page(claims.page, title="Claims", icon=":material/fact_check:", url_path="claims"),
            st.Page(add_story.page, title="Add a story", icon=":material/add_notes:", url_path="add"),
            st.Page(health.page, title="Data health", icon=":material/vital_signs:", url_path="health"),
        ],
        position="top",
    )
    replay.follow(page.url_path)
    page.run()
else:  # the server starts: ``streamlit run`` and ASGI servers import this file for ``app``
    import gc

    from starlette.middleware import Middleware

    from dashboard.page_head import PageHead
    from dashboard.routes import ROUTES
    from dashboard.turns import Turns

    # Nearly all objects of a run are gone with it: looking for the others at every 700th took 8 % of a range change.
    gc.set_threshold(20_000, 10, 10)
    app = st.App(__file__, routes=ROUTES, middleware=[Middleware(PageHead), Middleware(Turns)])

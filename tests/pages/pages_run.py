"""Running a page as Streamlit does, and reading what it drew."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def run_page(view: str, **query: str) -> AppTest:
    app = AppTest.from_string(f"from dashboard.views import {view}\n{view}.page()", default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app

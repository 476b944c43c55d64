"""The served app, as a user gets it: ``newstape serve`` in a process of its own, and headless Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from chart_alone import chart_url, open_chart  # noqa: F401
from charts import wait_for_chart
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from serve_app import Served, serving

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Painting on a busy two-core machine; what is expected of a page waits as long.
PAINT_MS = 60_000
expect.set_options(timeout=PAINT_MS)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A dashboard over a new lake that `newstape serve` built from the sample by itself."""
    with serving(tmp_path_factory.mktemp("lake") / "home") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("NEWSTAPE_CHROMIUM") or next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if path is None:
        pytest.fail("Chromium is not installed; `make test` installs it, or NEWSTAPE_CHROMIUM names it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page with what went wrong on it: console errors, and requests that left this machine."""

    page: Page
    errors: list[str]
    remote: list[str]


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Callable[..., Visit]]:
    """Open a page of the app; at the end, no page may have logged an error or asked another host."""
    opened: list[Visit] = []

    def open_page(
        path: str = "/",
        *,
        width: int = 1440,
        height: int = 1000,
        scheme: str = "light",
        timezone: str = "UTC",
        chart: bool = True,
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            timezone_id=timezone,
            accept_downloads=True,
        )
        page = context.new_page()
        page.set_default_timeout(PAINT_MS)
        visit = Visit(page, [], [])
        page.on("console", lambda message: visit.errors.append(message.text) if _is_error(message) else None)
        page.on("request", lambda request: visit.remote.append(request.url) if _is_remote(request.url) else None)
        opened.append(visit)
        page.goto(served.url + path)
        if chart:
            wait_for_chart(page)
        return visit

    yield open_page
    for visit in opened:
        assert visit.errors == []
        assert visit.remote == []
        visit.page.context.close()


def _is_error(message: ConsoleMessage) -> bool:
    # On a page other than the first, Streamlit looks for its own addresses below the page's path first.
    probing = message.location.get("url", "").endswith(("/_stcore/health", "/_stcore/host-config"))
    return message.type == "error" and not probing


def _is_remote(url: str) -> bool:
    return not url.startswith(("http://localhost:", "http://127.0.0.1:", "ws://localhost:", "data:", "blob:"))

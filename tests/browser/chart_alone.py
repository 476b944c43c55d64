"""A page that holds the timeline's chart alone (``chart_page.py``), and what its tests ask of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from serve_app import _free_port, _wait_until_healthy

HERE = Path(__file__).parent
CHART = "document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot.querySelector('.chart').newstape"


@pytest.fixture(scope="session")
def chart_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = _free_port()
    folder = tmp_path_factory.mktemp("chart")
    log = (folder / "serve.log").open("w")
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "chart_page.py"), "--server.port", str(port)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
    environ = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_healthy(f"http://localhost:{port}", process, folder / "serve.log")
        yield f"http://localhost:{port}/"
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture
def open_chart(browser: Browser, chart_url: str) -> Iterator[Callable[..., Page]]:
    """Open the page and wait for the chart; at the end, no page may have logged an error or asked another host."""
    opened: list[tuple[Page, list[str]]] = []

    def open_page(query: str = "", *, width: int = 1280, scheme: str = "light", timezone: str = "UTC") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 1100},
            color_scheme=scheme,
            timezone_id=timezone,
            accept_downloads=True,
            has_touch=width < 600,
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append("a dialog"), dialog.dismiss()))
        page.on("request", lambda asked: None if _local(asked.url) else wrong.append(asked.url))
        opened.append((page, wrong))
        page.goto(chart_url + query)
        page.wait_for_selector("[data-testid=stBidiComponentIsolated] .stage")
        page.wait_for_function(f"() => {CHART}.frame")
        return page

    yield open_page
    for page, wrong in opened:
        assert wrong == []
        page.context.close()


def _local(url: str) -> bool:
    return url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:"))


def state(page: Page) -> dict:
    return page.evaluate(f"() => {CHART}.state()")


def shows(page: Page, start: float, end: float) -> None:
    """Wait until the chart shows a range and the page says the same, to the minute."""
    page.wait_for_function(f"([a, b]) => {CHART}.from === a && {CHART}.to === b", arg=[start, end])
    words = [datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M") for ms in (start, end)]
    expect(page.get_by_text(f"range {words[0]} to {words[1]}")).to_be_visible()


def mark(page: Page, title: str) -> dict:
    return next(one for one in state(page)["marks"] if one["title"].startswith(title))


def ids(page: Page) -> list[str]:
    """What the server sent."""
    return page.evaluate(f"() => {CHART}.model.panels.at(-1).marks.id")


def told(page: Page) -> list[str]:
    return page.get_by_text(re.compile("^told")).inner_text().split()[1:]


def bars(page: Page) -> int:
    return state(page)["panels"][0]["series"][0]["n"]

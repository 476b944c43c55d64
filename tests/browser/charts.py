"""Reading the timeline's chart from a page: what is drawn, in words and in the page's coordinates."""

from __future__ import annotations

from playwright.sync_api import Page

#: The chart itself, as its script has it; undefined until it is there.
CHART = (
    "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]"
    ".map(host => host.shadowRoot?.querySelector('.chart')).find(Boolean)?.newstape"
)


def wait_for_chart(page: Page) -> None:
    page.wait_for_function(f"() => {CHART}?.frame")


def settle(page: Page) -> None:
    """Wait until the script has run; while it runs, what it drew before stays beside what it draws now."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def state(page: Page) -> dict:
    """Its range, panels, marks and what is selected."""
    return page.evaluate(f"() => {CHART}.state()")


def stories(page: Page) -> list[dict]:
    """The marks of stories that stand alone: id, title, detail, and where they are."""
    return [mark for mark in state(page)["marks"] if mark["count"] == 1 and not mark["id"].startswith("note:")]


def held(page: Page) -> list[str]:
    """The ids of all stories that came to the browser one by one, drawn as marks of their own or within a pill."""
    ids = [one for mark in state(page)["marks"] for one in mark["members"] or [mark["id"]]]
    return [one for one in ids if not one.startswith(("note:", "bin:"))]


def panel(page: Page, title: str) -> dict:
    return next(panel for panel in state(page)["panels"] if panel["title"].startswith(title))


def wait_for_range(page: Page, start_ms: float, end_ms: float) -> None:
    """Until the chart shows that range, by the server's own answer."""
    page.wait_for_function(
        f"([from, to]) => {CHART}.model.range[0] === from && {CHART}.model.range[1] === to && {CHART}.from === from",
        arg=[start_ms, end_ms],
    )

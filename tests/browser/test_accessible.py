"""Pages for everyone: two widths and two themes, names for what can be used, keys, and nothing that jumps.

axe-core (https://github.com/dequelabs/axe-core) checks names, roles, labels, contrast and structure by WCAG 2.2 A and
AA; what it cannot see is checked by hand below it.
"""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from charts import CHART, settle, state, stories, wait_for_chart
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SIZES = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
PAGES = ["/", "/market", "/story", "/claims", "/add", "/health"]
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Streamlit's own, which a page cannot mend: the day, month and year of a date field are smaller than 24 pixels.
NOT_OURS = {"target-size": "[role=spinbutton]"}
#: What web.dev calls good; the Story page, whose figures are Plotly's, is at 0.02 to 0.13 on a busy machine.
MOST_SHIFT = {"/story": 0.25}
GOOD_SHIFT = 0.1
WATCH = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts.push(one.value);
}).observe({type: 'layout-shift', buffered: true});
"""


@pytest.fixture(scope="module")
def story(browser, served) -> str:
    """A story of the sample."""
    page = browser.new_page()
    page.goto(f"{served.url}/?from=2025-03-01&to=2025-04-30")
    wait_for_chart(page)
    found = stories(page)[0]["id"]
    page.close()
    return found


def opened(visit, path: str, story: str, width: int = 1280, scheme: str = "light") -> Page:
    address = f"/story?story={story}" if path == "/story" else path
    page = visit(address, width=width, height=900, scheme=scheme, chart=path in ("/", "/market")).page
    ready(page)
    return page


def ready(page: Page) -> None:
    """Until the script has run and no part of the page is still being fetched."""
    settle(page)
    page.wait_for_function("() => !document.querySelector('[data-testid=stMain] [data-testid=stSkeleton]')")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_page_at_a_width_and_theme(visit, story: str, path: str, width: int, scheme: str) -> None:
    page = opened(visit, path, story, width, scheme)

    # Nothing is cut off to the right.
    wide = "() => [document.documentElement, document.querySelector('[data-testid=stMain]')]"
    assert page.evaluate(f"{wide[6:]}.map(one => one.scrollWidth - one.clientWidth)") == [0, 0]

    page.evaluate(AXE_SCRIPT)
    result = page.evaluate("levels => axe.run(document, {runOnly: levels, resultTypes: ['violations']})", LEVELS)
    wrong = [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
        for rule in result["violations"]
        for node in rule["nodes"]
        if not page.evaluate(
            "([target, ours]) => document.querySelector(target)?.matches(ours)",
            [node["target"][0], NOT_OURS.get(rule["id"], ".none")],
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("path", PAGES)
def test_every_chart_and_table_has_words_for_it(visit, story: str, path: str) -> None:
    page = opened(visit, path, story)
    told = page.evaluate(
        """() => ({
        stages: [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
          .map(host => host.shadowRoot?.querySelector('.stage')).filter(Boolean)
          .map(stage => [stage.getAttribute('role'), stage.ariaLabel, stage.getAttribute('aria-description')]),
        figures: [...document.querySelectorAll('[data-testid=stPlotlyChart]')]
          .map(one => [one.role ?? one.getAttribute('role'), one.ariaLabel]),
        pictures: [...document.querySelectorAll('[data-testid=stMain] img')].map(one => one.alt),
        said: document.querySelector('[data-testid=stMain]').innerText,
      })"""
    )
    assert len(told["stages"]) == (path in ("/", "/market"))
    for role, label, keys in told["stages"]:
        assert role == "application"
        assert label in told["said"]  # the sentence stands under the chart, for all
        assert label.endswith(".")
        assert "Enter chooses" in keys
    assert len(told["figures"]) == {"/story": 2, "/health": 1}.get(path, 0)
    for role, label in told["figures"]:
        assert role == "figure"
        assert label in told["said"]
    assert all(told["pictures"])


@pytest.mark.parametrize("width", [1280, 900, 390])
@pytest.mark.parametrize("path", [*PAGES, "/?known=2025-03-28T14:05:00Z"])
def test_nothing_jumps_while_a_page_loads(visit, story: str, path: str, width: int) -> None:
    page = opened(visit, path, story, width)
    page.context.add_init_script(WATCH)
    page.reload()
    ready(page)
    page.wait_for_timeout(1000)  # a shift is told after the frame it happened in
    assert sum(page.evaluate("shifts")) < MOST_SHIFT.get(path, GOOD_SHIFT)


def focused(page: Page) -> str:
    """The name of what has the focus."""
    return page.evaluate(
        """() => {
        let one = document.activeElement;
        while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
        return one?.ariaLabel || one?.labels?.[0]?.innerText || (one?.matches('a, button') ? one.innerText : '');
      }"""
    )


def test_tab_reaches_the_main_controls_in_reading_order(visit, story: str) -> None:
    page = opened(visit, "/", story)
    names = []
    for _ in range(60):
        page.keyboard.press("Tab")
        names.append(focused(page))
    order = [
        next((place for place, name in enumerate(names) if re.search(wanted, name)), None)
        for wanted in ("Market", "Search titles", "stories;", "Closer", "Stories CSV")
    ]
    assert None not in order
    assert order == sorted(order)


def test_focus_is_seen_on_the_chart_and_its_buttons(visit, story: str) -> None:
    page = opened(visit, "/", story)
    page.keyboard.press("Tab")  # the keyboard is in use
    for part in (".stage", ".tools button"):
        rim = page.evaluate(
            f"""part => {{
            const one = {CHART}.root.querySelector(part);
            one.focus();
            const style = getComputedStyle(one);
            return [style.boxShadow, style.outlineStyle];
          }}""",
            part,
        )
        assert rim[0] != "none" or rim[1] != "none"


# ── keys ──────────────────────────────────────────────────────────────────────────────────────────────


def chosen(page: Page) -> str | None:
    return page.evaluate("() => new URL(location).searchParams.get('story')")


def test_j_and_k_choose_the_next_and_the_previous_story(visit) -> None:
    page = visit("/?from=2025-03-01&to=2025-04-30").page
    ready(page)
    order = [mark["id"] for mark in sorted(stories(page), key=lambda mark: mark["x"])]
    assert len(order) >= 5
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("story="))
    first = chosen(page)
    settle(page)
    page.keyboard.press("j")
    page.wait_for_function("was => new URL(location).searchParams.get('story') !== was", arg=first)
    settle(page)
    page.keyboard.press("k")
    page.wait_for_function("was => new URL(location).searchParams.get('story') === was", arg=first)


def test_slash_goes_to_the_search_and_b_steps_the_clock_back(visit, story: str) -> None:
    page = opened(visit, "/", story)
    page.keyboard.press("/")
    assert "Search" in focused(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("b")
    expect(page).to_have_url(re.compile("known="))
    expect(page.get_by_text("Nothing later is shown").first).to_be_visible()


def test_the_chart_is_used_with_keys_alone(visit) -> None:
    page = visit("/?from=2025-03-01&to=2025-04-30").page
    ready(page)
    page.evaluate(f"() => {CHART}.stage.focus()")
    page.keyboard.press("ArrowRight")
    assert re.search(r"1 Mar 2025 \d\d:\d\d UTC: \$[\d,.]+$", state(page)["said"])
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    while re.match(r"\d+ stories", state(page)["said"]):  # Enter would open that one
        page.keyboard.press("n")
    said = state(page)["said"]
    page.keyboard.press("n")
    assert state(page)["said"] != said
    page.keyboard.press("p")
    assert state(page)["said"] == said
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("story="))
    title = next(mark["title"] for mark in stories(page) if mark["id"] == chosen(page))
    assert said.startswith(title)

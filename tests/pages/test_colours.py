"""Every colour that is drawn: readable in both themes, and told apart by the colour-blind or by more than colour.

Thresholds: text 4.5:1 (WCAG 2.2, 1.4.3), what has to be seen to understand 3:1 (1.4.11), colours that mean different
things 0.1 apart in OKLab for every kind of sight, five times what is just noticeable. Grids, frames, stripes, hatching
and rims are exempt: they say nothing that is not said otherwise.
"""

from __future__ import annotations

import re
import tomllib
from itertools import combinations
from pathlib import Path

import pytest
from colours import contrast, distance, linear, over, rgba

from dashboard import figures, path, strips, timeline_chart, verdicts, widgets
from dashboard.views import claims_providers, market_tiles

ROOT = Path(figures.__file__).parents[1]
ASSETS = ROOT / "dashboard/chart/assets"
TEXT, GRAPHIC, APART = 4.5, 3.0, 0.1
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
THEMES = ("light", "dark")
LINES = ("blue", "orange", "teal", "violet", "grey", "pink")
GREYS = re.compile(r"rgba\((128,128,128|255,255,255),")
STYLES = widgets.STYLE + market_tiles.STYLE


def chart_colours(theme: str) -> dict[str, str]:
    """A theme of the canvas chart, as its script has it."""
    script = (ASSETS / "theme.js").read_text(encoding="utf-8")
    body = re.search(rf"const {theme.upper()} = {{(.*?)\n}};", script, re.DOTALL)[1]
    return dict(re.findall(r'(\w+): "([^"]+)"', body))


def back(theme: str) -> str:
    return CONFIG[theme]["backgroundColor"]


def ink(theme: str) -> str:
    return CONFIG[theme]["textColor"]


# ── the measures themselves ───────────────────────────────────────────────────────────────────────────


def test_contrast_is_that_of_wcag() -> None:
    # Black on white is 21:1 by definition; #767676 is the lightest grey that passes on white, #777777 does not.
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert over("rgba(0,0,0,0.5)", "#ffffff") == "#808080"


def test_red_and_green_meet_where_one_cannot_tell_them_apart() -> None:
    assert distance("#808080", "#808080") == 0
    assert distance("#d03030", "#6a8f00") < 0.1 < distance("#d03030", "#3060d0")
    assert linear("#ffffff") == pytest.approx([1, 1, 1])


# ── text ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_read_on_the_page_and_on_fields(theme: str) -> None:
    for behind in (back(theme), CONFIG[theme]["secondaryBackgroundColor"]):
        assert contrast(ink(theme), behind) >= TEXT
        assert contrast(CONFIG[theme]["primaryColor"], behind) >= TEXT  # the chosen tab and preset are words in it


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_what_is_filled_with_the_primary_colour(theme: str) -> None:
    words = re.search(r"light-dark\((#\w+), (#\w+)\)", widgets.STYLE).groups()[THEMES.index(theme)]
    assert contrast(words, CONFIG[theme]["primaryColor"]) >= TEXT
    assert contrast("#ffffff", CONFIG[theme]["primaryColor"]) >= GRAPHIC  # Streamlit ticks its boxes in white


@pytest.mark.parametrize("theme", THEMES)
def test_faded_text_is_still_read(theme: str) -> None:
    css = STYLES + (ASSETS / "chart.css").read_text(encoding="utf-8").replace(".busy", "\n.busy")
    faded = {float(found) for line in css.splitlines() if ".busy" not in line for found in re.findall(OPACITY, line)}
    for file in ("figures.py", "path.py"):
        source = (ROOT / "dashboard" / file).read_text(encoding="utf-8")
        faded |= {float(found) for found in re.findall(r"^ +opacity=(0\.\d+),", source, re.MULTILINE)}
    assert faded == {0.7, 0.72, 0.8, 1.0}
    for opacity in faded:
        assert contrast(over(ink(theme), back(theme), opacity), back(theme)) >= TEXT


OPACITY = r"opacity: ([\d.]+)"


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_read_on_tints(theme: str) -> None:
    tints = {
        *re.findall(r"background: (rgba\([^)]+\))", STYLES),
        *claims_providers.TINTS.values(),
    }
    assert len(tints) >= 5
    for tint in tints:
        behind = over(tint, back(theme))
        assert contrast(ink(theme), behind) >= TEXT
        assert contrast(over(ink(theme), behind, 0.72), behind) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
def test_words_of_the_chart_are_read(theme: str) -> None:
    colours = chart_colours(theme)
    lane = over(colours["shade"], back(theme))  # every other lane, and what lies after the clock
    for name in ("text", "faint", "up", "down"):
        assert contrast(colours[name], back(theme)) >= TEXT, name
    for name in ("text", "faint"):
        assert contrast(colours[name], lane) >= TEXT, name
    assert contrast(colours["pillText"], colours["pill"]) >= TEXT
    assert contrast(back(theme), colours["mark"]) >= TEXT  # the count in a pill of stories
    for tint in ("mark", "chosen"):  # a title on its band
        assert contrast(colours["text"], over(colours[tint], lane, 0.2)) >= TEXT


def test_the_chart_knows_the_pages_background() -> None:
    # Where a page tells none: in a saved file, and in pictures.
    assert [chart_colours(theme)["back"] for theme in THEMES] == [back(theme) for theme in THEMES]


# ── lines and marks ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("theme", THEMES)
def test_lines_and_marks_of_the_chart_are_seen(theme: str) -> None:
    colours = chart_colours(theme)
    lane = over(colours["shade"], back(theme))
    for name in (*LINES, "up", "down", "mark", "chosen", "note"):
        assert contrast(colours[name], back(theme)) >= GRAPHIC, name
        assert name in LINES or contrast(colours[name], lane) >= GRAPHIC, name


#: Fills that lie inside a rim, under lines or beside one, which are drawn whole.
WITHIN = {("marks.js", 0.2), ("overlay.js", 0.12), ("draw.js", 0.18)}


@pytest.mark.parametrize("theme", THEMES)
def test_translucent_marks_are_seen(theme: str) -> None:
    colours, seen = chart_colours(theme), 0
    for script in ASSETS.glob("*.js"):
        for which, how in re.findall(r"[^n ] alpha\(([^,]+), ([^)]+)\)", script.read_text(encoding="utf-8")):
            named = re.findall(r'"(\w+)"', which) or re.findall(r"theme\.(\w+)", which)
            for opacity in map(float, re.findall(r"\d\.\d+|\b1\b", how)):
                if (script.name, opacity) in WITHIN:
                    continue
                for name in set(named) & set(colours):
                    seen += 1
                    assert contrast(over(colours[name], back(theme), opacity), back(theme)) >= GRAPHIC, (name, opacity)
    assert seen >= 6


@pytest.mark.parametrize("theme", THEMES)
def test_lines_of_one_panel_are_told_apart_by_every_eye(theme: str) -> None:
    colours = chart_colours(theme)
    used = {*timeline_chart.COMPARED, *timeline_chart.OTHER_COLOURS, *timeline_chart.DEFINITIONS.values()}
    assert used <= set(LINES)
    for one, other in combinations(LINES, 2):
        assert distance(colours[one], colours[other]) >= APART, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_up_and_down_and_the_chosen_mark_differ_in_colour_and_beyond(theme: str) -> None:
    colours = chart_colours(theme)
    assert distance(colours["up"], colours["down"]) >= APART
    draw, overlay, marks = (
        (ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in ("draw", "overlay", "marks")
    )
    assert "const hollow = rising" in draw  # candles
    assert '"▲ +" : "▼ −"' in overlay
    # Marks: the chosen one is the only star, and larger; a note has a shape of its own.
    assert 'shape(path, "star", place.x, place.y, 7)' in marks
    assert 'kind === "note"' in marks


# ── figures and the parts of pages, which have the same colours in both themes ────────────────────────


@pytest.mark.parametrize("theme", THEMES)
def test_colours_of_figures_and_parts_are_seen_in_both_themes(theme: str) -> None:
    sources = [f"dashboard/{name}.py" for name in ("figures", "strips", "ladder", "path", "widgets")]
    sources += ["dashboard/views/market_tiles.py", "dashboard/views/claims_providers.py"]
    found = set()
    for name in sources:
        text = (ROOT / name).read_text(encoding="utf-8")
        found |= set(re.findall(r"#[0-9a-f]{6}\b", re.sub(r"light-dark\([^)]*\)", "", text)))
        for tint in re.findall(r"rgba\([^)]+\)", text):
            assert GREYS.match(tint) or rgba(tint)[3] <= 0.3  # tints have words over them: held above
    assert found >= {figures.UP, figures.DOWN, figures.PRICE_LINE, figures.MARK, figures.CHOSEN}
    for colour in found:
        assert contrast(colour, back(theme)) >= GRAPHIC, colour


def test_colours_of_figures_are_told_apart_by_every_eye() -> None:
    assert distance(figures.UP, figures.DOWN) >= APART
    # The path is a line, articles are marks in a row of their own, and what they are to the story is their shape.
    assert len(set(path.SYMBOLS.values())) == len(path.SYMBOLS)


def test_states_of_a_gap_strip_differ_in_height_or_pattern() -> None:
    looks = {
        state: (look["width"], look["marker"].get("pattern", {}).get("shape")) for state, look in strips._LOOKS.items()
    }
    assert len(set(looks.values())) == len(strips.STATES)


def test_verdicts_differ_in_mark_and_rim() -> None:
    assert len(set(verdicts.MARKS.values())) == len(verdicts.MARKS)
    rims = dict(re.findall(r"\.nt-verdict\.(\w+) {border: (\d+px \w+)", widgets.STYLE))
    assert set(rims) == set(verdicts.STYLES.values())
    shapes = {name: (rim, name == "differs") for name, rim in rims.items()}
    assert ".nt-verdict.differs {" in widgets.STYLE
    assert "border-radius: 0.1rem" in widgets.STYLE.split(".nt-verdict.differs {")[1].split("}")[0]
    assert len(set(shapes.values())) == len(shapes)


def test_moves_have_a_sign_and_an_arrow() -> None:
    from dashboard import words

    assert words.move(0.05).startswith("▲ +")
    assert words.move(-0.05).startswith("▼ −")

"""The clock and the zone on pages: the bar that sets them, and that nothing on a page is later than the clock."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from pages_run import html
from story_lakes import OUT, fit, story_lake
from streamlit.testing.v1 import AppTest

from dashboard import ladder, path, verdicts, widgets, words
from dashboard.views import replay
from data import queries
from data.lake import Lake
from data.view import clock, stamp

EARLY = "The council will vote on parking.\nThe total crypto market cap stood at $2.68 trillion."


@pytest.fixture(scope="module")
def home(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stories of tests/story_lakes.py; what the wire says now came three hours after it was seen."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("replay") / "lake"))
    lake = story_lake(home)
    seen = OUT + timedelta(hours=2)
    version = {"article_id": "wire", "revision": 0, "title": "Council to vote", "text": EARLY, "published_at": OUT}
    version |= {"published_precision": "minute", "seen_from": seen, "seen_until": seen + timedelta(hours=3)}
    wire = _row(lake, "articles", ["wire"])
    with lake.writing():
        lake.merge("article_versions", fit("article_versions", [version]))
        lake.merge("articles", fit("articles", [wire | {"revisions": 1, "revised_at": seen + timedelta(hours=3)}]))
        for name in ("exchange", "later"):  # seen when they came out
            article, story = _row(lake, "articles", [name]), _row(lake, "story_rows", [name])
            out = {"known_at": article["published_at"]}
            lake.merge("articles", fit("articles", [article | out | {"first_seen_at": out["known_at"]}]))
            lake.merge("stories", fit("stories", [story | out]))
    return home


def _row(lake: Lake, query: str, ids: list[str]) -> dict:
    row = getattr(queries, query)(lake.newest(), ids).to_dict("records")[0]
    return {name: None if pd.isna(value) else value for name, value in row.items()}


def shown(app: AppTest) -> str:
    return re.sub(r"<style>.*?</style>", "", html(app), flags=re.DOTALL)


def table(app: AppTest, *columns: str) -> pd.DataFrame:
    return next(t.value for t in app.dataframe if set(columns) <= set(t.value.columns))


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


# ── nothing later ─────────────────────────────────────────────────────────────────────────────────────

_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?")
#: The end of a span that an article states figures for, and of one in which it says it came out.
_STATED = re.compile(r"stated for (?:(?!</).)*|recorded (?:(?!</).)*? UTC\.|not before \S+")


def _instants(value: object) -> list[pd.Timestamp]:
    if isinstance(value, pd.Timestamp | datetime):
        return [] if pd.isna(value) else [pd.Timestamp(value)]
    found = [pd.Timestamp(text) for text in _TIME.findall(value)] if isinstance(value, str) else []
    return [one.tz_localize("UTC") for one in found]


@pytest.fixture
def everything(open_page, monkeypatch):
    """Open a page and give every instant on it by where it stands: words, tables, downloads, figures."""

    def run(view: str, home: Path, **query: str) -> list[tuple[str, pd.Timestamp]]:
        files: list[tuple[str, pd.DataFrame]] = []
        figures: list[go.Figure] = []
        monkeypatch.setattr(widgets, "download", lambda _, frame, name, key: files.append((key, frame())))
        monkeypatch.setattr("streamlit.plotly_chart", lambda figure, **_: figures.append(figure))
        app = open_page(view, home, **query)
        found = [("words", one) for one in _instants(_STATED.sub("", shown(app)))]
        tables = [("table", t.value) for t in app.dataframe] + files
        for name, frame in tables:
            for column in frame.columns.difference(["as_of", "as_of_end", "statement"]):
                found += [(f"{name} {column}", one) for value in frame[column] for one in _instants(value)]
        for figure in figures:
            for trace in figure.data:
                xs = [] if trace.x is None else [pd.Timestamp(x) for x in trace.x if x is not None]
                found += [("figure", x.tz_localize("UTC")) for x in xs if pd.notna(x)]
                found += [("hover", one) for text in trace.text or () for one in _instants(text)]
            found.append(("axis", pd.Timestamp(figure.layout.xaxis.range[0]).tz_localize("UTC")))
        return found

    return run


HOURS = [2.0, 3.5, 7.0, 24 * 2 + 1, 24 * 5]


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize("view", ["story_page", "claims"])
def test_nothing_on_a_page_is_later_than_the_clock(everything, home, view, hours) -> None:
    moment = pd.Timestamp(OUT + timedelta(hours=hours))
    verdicts_ = ["differs", "matches", "cannot check", "not checked", "another definition"]
    query = {"story": "harbour", "within": "7 days"} if view == "story_page" else {"verdict": verdicts_}
    found = everything(view, home, known=stamp(moment), **query)
    assert len(found) >= 4
    assert {(where, one) for where, one in found if one > moment} == set()


@pytest.mark.parametrize("days", [0, 12])
def test_nothing_of_the_sample_is_later_than_the_clock(everything, sample_home, days) -> None:
    """Its articles were imported long after: when they were is nothing a reader of that time could see."""
    stories = queries.stories(Lake(str(sample_home)).pin())
    story = stories[stories["title"].str.contains("receive El Salvador's Bukele", regex=False)].iloc[0]
    moment = story["known_at"].ceil("h") + timedelta(days=days)
    found = everything("story_page", sample_home, known=stamp(moment), story=story["story_id"], within="7 days")
    found += everything("claims", sample_home, known=stamp(moment))
    assert len(found) > 100
    assert {(where, one) for where, one in found if one > moment} == set()


def test_before_it_was_known_a_story_is_not_there_and_the_page_says_what_to_do(open_page, home) -> None:
    app = open_page("story_page", home, story="harbour", known=stamp(pd.Timestamp(OUT)))
    assert "was not known yet" in app.warning[0].value
    assert "Harbour council" not in shown(app)
    assert any("No story that is stored was known at that moment" in note.value for note in app.info)
    assert any("No article that was known" in i.value for i in open_page("claims", home, known="2025-03-28").info)


def test_a_story_shows_the_articles_words_and_figures_of_its_moment(open_page, home) -> None:
    """At 15:00 the wire and its copy are known, as they were; no figure is checked; the hours after 14:00 are not."""
    app = open_page("story_page", home, story="harbour", known="2025-03-28T15:00Z")
    text = shown(app)
    assert '<div class="nt-title">Council to vote</div>' in text
    assert "2 articles by 2 publishers" in text
    assert table(app, "relation", "similarity")["publisher"].tolist() == ["Alpha Wire", "Beta Daily"]
    assert "<mark>The total crypto market cap stood at $2.68 trillion</mark>" in text
    assert "Not checked yet" in text
    assert "2 figures are left out: read from words or a time that came into the article after" in text
    # From 24 hours before to 15:00: 27 bars.
    assert "binance BTC/USDT, 27 bars of 1h" in text
    assert re.search(r"<td>1 h after</td><td class=\"n\">▲", text)
    assert re.search(r"<td>24 h after</td><td class=\"n\">–", text)
    assert "Pairing: some of the prices asked for lie outside what is stored." in text


def test_a_copy_whose_original_is_not_known_yet_stands_for_itself(open_page, home, tmp_path) -> None:
    lake = Lake(str(shutil.copytree(home, tmp_path / "lake")), lock_wait_s=0.2)
    wire = _row(lake, "articles", ["wire"])
    with lake.writing():
        lake.merge("articles", fit("articles", [wire | {"known_at": OUT + timedelta(days=9)}]))
    app = open_page("story_page", Path(lake.home), story="harbour", known=stamp(pd.Timestamp(OUT) + timedelta(days=3)))
    rows = table(app, "relation", "similarity")
    assert rows[["publisher", "relation"]].values.tolist() == [
        ["Beta Daily", "original"],
        ["Gamma Post", "to one not known yet"],
    ]
    assert "Gamma Post against Beta Daily" in shown(app)
    assert "Not paired" in shown(app)


def test_what_an_article_said_by_the_clock_and_is_not_kept_is_not_shown(open_page, home, tmp_path) -> None:
    """The wire turned out to be known an hour before its first version was seen, under a publisher corrected since."""
    lake = Lake(str(shutil.copytree(home, tmp_path / "lake")), lock_wait_s=0.2)
    wire, story = _row(lake, "articles", ["wire"]), _row(lake, "story_rows", ["harbour"])
    since = {"known_at": OUT + timedelta(hours=1)}
    note = {"annotation_id": "n1", "target_kind": "article", "target_id": "wire", "field": "publisher", "note": "why"}
    note |= {"value": '"Omega Wire"', "author": "ann", "created_at": OUT + timedelta(days=3)}
    corrected = {"publisher": "Omega Wire", "stated": '{"publisher": "Alpha Wire"}'}
    with lake.writing():
        lake.merge("articles", fit("articles", [wire | since | corrected]))
        lake.merge("stories", fit("stories", [story | since]))
        lake.merge("annotations", fit("annotations", [note]))
    app = open_page("story_page", Path(lake.home), story="harbour", known="2025-03-28T13:30Z")
    text = shown(app)
    assert '<div class="nt-title">What it said by then is not kept.</div>' in text
    assert "The publication time stated by then is not kept; known from 2025-03-28 13:00 UTC · 1 article" in text
    assert "first source: Alpha Wire" in text
    for later in ("Harbour", "council", "Council", "12:00", "$2.68", "Omega", "No date is stated"):
        assert later not in text
    [row] = table(app, "relation", "similarity").itertuples()
    assert (row.title, row.published_at, row.publisher) == ("What it said by then is not kept.", None, "Alpha Wire")
    notes = table(app, "step", "gap").set_index("step")["note"]
    assert notes["Published"] == "What it stated by then is not kept."
    panel = shown(open_page("timeline", Path(lake.home), story="harbour", known="2025-03-28T13:30Z"))
    assert '<div class="nt-title">What it said by then is not kept.</div>' in panel
    assert "as it was stated by then is not kept" in panel
    later = shown(open_page("story_page", Path(lake.home), story="harbour", known="2025-04-03T13:30Z"))
    assert "first source: Omega Wire" in later


def test_a_copy_is_not_compared_with_words_that_are_not_kept(open_page, home, tmp_path) -> None:
    lake = Lake(str(shutil.copytree(home, tmp_path / "lake")), lock_wait_s=0.2)
    copy = _row(lake, "articles", ["daily"])
    with lake.writing():
        lake.merge("articles", fit("articles", [copy | {"revisions": 1, "revised_at": OUT + timedelta(days=9)}]))
    text = shown(open_page("story_page", Path(lake.home), story="harbour", known="2025-03-28T15:00Z"))
    assert "Beta Daily (syndicated): there is nothing to compare. What it said by then is not kept." in text
    assert "<del>" not in text


# ── the bar ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_banner_says_the_clock_and_now_takes_it_away(open_page, home) -> None:
    app = open_page("claims", home, known="2025-03-28T14:05Z", tz="America/New_York")
    told = "Known at 2025-03-28 10:05 EDT (America/New_York), 2025-03-28 14:05 UTC. Nothing later is shown."
    assert told in shown(app)
    app.button(key="replay_now").click().run()
    assert "Nothing later is shown" not in shown(app)
    assert "known" not in app.query_params
    assert app.query_params["tz"] == "America/New_York"


def test_a_clock_is_typed_in_the_zone_of_the_page_unless_it_names_its_own(open_page, home) -> None:
    app = open_page("claims", home, tz="Asia/Kolkata")
    for text, known in (("2025-03-28 19:35", "2025-03-28T14:05Z"), ("2025-03-28 14:05 UTC", "2025-03-28T14:05Z")):
        field = "replay_clock_set" if "known" in app.query_params else "replay_clock"
        app.text_input(key=field).set_value(text).run()
        assert app.query_params["known"] == known
        assert app.text_input(key="replay_clock_set").value == "2025-03-28 19:35"
    app.text_input(key="replay_clock_set").set_value("when the <b>moon</b> rises").run()
    assert "“when the &lt;b&gt;moon&lt;/b&gt; rises” does not set the clock" in shown(app)
    assert app.query_params["known"] == "2025-03-28T14:05Z"
    app.text_input(key="replay_clock_set").set_value("").run()
    assert "known" not in app.query_params


def test_steps_go_from_close_to_close_and_from_story_to_story(open_page, home) -> None:
    """The exchange became known at 15:00 on the 28th, the last story at noon of the 31st; bars are of an hour."""
    app = open_page("story_page", home, story="harbour", known="2025-03-29T09:20Z")
    steps = [("bar_on", "2025-03-29T10:00Z"), ("bar_on", "2025-03-29T11:00Z"), ("bar_back", "2025-03-29T10:00Z")]
    for key, known in [*steps, ("story_back", "2025-03-28T15:00Z")]:
        app.button(key=f"replay_{key}").click().run()
        assert app.query_params["known"] == known
    assert app.query_params["story"] == "exchange"
    app.button(key="replay_story_on").click().run()
    assert (app.query_params["known"], app.query_params["story"]) == ("2025-03-31T12:00Z", "later")
    app.button(key="replay_story_on").click().run()
    assert "No story that is stored became known after that." in shown(app)


def test_without_a_clock_steps_go_back_from_the_newest_that_is_stored(open_page, home) -> None:
    app = open_page("story_page", home, story="harbour")
    assert "replay_bar_on" not in {button.key for button in app.button}  # nothing is later than now
    app.button(key="replay_bar_back").click().run()
    # The last of the 1,440 hours from 20 February closes at 2025-04-21 00:00.
    assert app.query_params["known"] == "2025-04-20T23:00Z"
    app.button(key="replay_at_story").click().run()
    assert app.query_params["known"] == "2025-03-28T14:00Z"
    assert "Nothing later is shown" in shown(app)


def test_links_carry_the_clock_and_the_zone(open_page, home) -> None:
    moment = {"known": "2025-03-29", "tz": "Asia/Kolkata"}
    links = open_page("story_page", home, story="harbour", **moment).get("page_link")
    links += open_page("claims", home, **moment, verdict="not checked").get("page_link")
    assert {link.proto.page for link in links} == {"", "add", "story"}  # the timeline's address is the app's own
    for link in links:
        assert link.proto.query_string.endswith("known=2025-03-29&tz=Asia%2FKolkata")


def test_what_an_address_says_wrongly_is_told_as_text(open_page, home) -> None:
    app = open_page("claims", home, known="<img src=x> [a](https://evil.example) **b**", tz="Mars/Olympus")
    (told,) = (one.value for one in app.warning)
    assert "known\\=\\<img" in told
    assert "tz\\=Mars/Olympus" in told
    assert "](" not in told
    assert "://" not in told
    assert "Nothing later" not in shown(app)


# ── zones ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("instant", "zone", "told"),
    [
        ("2025-03-28 14:05", "UTC", "2025-03-28 14:05 UTC"),
        ("2025-03-28 14:05", "America/New_York", "2025-03-28 10:05 EDT"),
        ("2025-03-09 06:59", "America/New_York", "2025-03-09 01:59 EST"),  # a minute before its clocks go on
        ("2025-03-09 07:00", "America/New_York", "2025-03-09 03:00 EDT"),
        ("2025-11-02 05:30", "America/New_York", "2025-11-02 01:30 EDT"),  # the hour it has twice
        ("2025-11-02 06:30", "America/New_York", "2025-11-02 01:30 EST"),
        ("2025-03-28 20:00", "Asia/Kolkata", "2025-03-29 01:30 IST"),
        ("2025-03-28 20:00", "Asia/Kathmandu", "2025-03-29 01:45 +05:45"),
        ("2025-03-28 20:00", "America/Sao_Paulo", "2025-03-28 17:00 -03:00"),
    ],
)
def test_an_instant_is_printed_in_its_zone_with_its_name(instant, zone, told) -> None:
    assert words.when(at(instant), zone=zone) == told
    assert replay.typed(replay.written(at(instant), zone), zone) == at(instant)


def test_a_day_stays_a_day_of_utc_in_every_zone() -> None:
    for zone in ("UTC", "America/New_York", "Asia/Kolkata"):
        assert words.when(at("2025-03-29"), "day", zone) == "2025-03-29 (UTC)"
    whole = pd.Series({"as_of": at("2025-03-28"), "as_of_end": at("2025-03-29"), "modality": "current"})
    assert verdicts.stated_for(whole, "Asia/Kolkata") == "current, stated for 2025-03-28 00:00 to 2025-03-29 00:00 UTC"


def test_an_hour_that_a_zone_leaves_out_or_has_twice_is_read_as_one_instant() -> None:
    assert replay.typed("2025-03-09 02:30", "America/New_York") == at("2025-03-09 07:00")
    assert replay.typed("2025-11-02 01:30", "America/New_York") == at("2025-11-02 05:30")
    # São Paulo's clocks went from 00:00 to 01:00 on 4 November 2018: its day began at 03:00 UTC.
    assert replay.day_start(datetime(2018, 11, 4, tzinfo=UTC).date(), "America/Sao_Paulo") == at("2018-11-04 03:00")


def test_the_pages_print_the_zone_that_is_chosen(open_page, home) -> None:
    app = open_page("story_page", home, story="harbour")
    app.selectbox(key="replay_zone").set_value("Asia/Kolkata").run()
    assert app.query_params["tz"] == "Asia/Kolkata"
    text = shown(app)
    assert "Published 2025-03-28 17:30 IST (Asia/Kolkata)" in text
    assert "returns since 2025-03-28 17:30 IST" in text
    assert table(app, "step", "gap")["when"].tolist()[1:3] == ["2025-03-28 17:10:00 IST", "2025-03-28 17:30 IST"]
    assert "2025-03-29 (UTC)" in table(app, "relation")["published_at"].tolist()
    rows = table(open_page("claims", home, tz="America/New_York"), "statement")
    assert rows["shown_at"].tolist() == ["2025-03-28 11:00 EDT", "2025-03-28 08:00 EDT"]
    app.selectbox(key="replay_zone").set_value("UTC").run()
    assert "tz" not in app.query_params


def test_days_of_a_filter_are_those_of_the_zone(open_page, home) -> None:
    """The exchange's office opened at 15:00 UTC on the 28th: on the 29th in Auckland."""
    for zone, found in (("UTC", 0), ("Pacific/Auckland", 2)):
        app = open_page("claims", home, since="2025-03-29", tz=zone)
        listed = [t.value for t in app.dataframe if "statement" in t.value.columns]
        assert sum(len(rows) for rows in listed) == found


def test_the_browsers_zone_comes_second_where_it_is_one(open_page, home, monkeypatch) -> None:
    monkeypatch.setattr(replay, "browser_zone", lambda: "Asia/Kolkata")
    options = open_page("claims", home).selectbox(key="replay_zone").options
    assert options[:2] == ["UTC", "Asia/Kolkata (this browser’s)"]
    assert options.count("Asia/Kolkata") == 0
    monkeypatch.setattr(replay, "browser_zone", lambda: None)
    assert "Asia/Kolkata" in open_page("claims", home).selectbox(key="replay_zone").options


def test_an_axis_of_time_names_its_zone_and_has_one_distance_from_utc() -> None:
    opens = pd.date_range("2025-03-08 20:00", periods=24, freq="h", tz="UTC").as_unit("us")
    found = path.PricePath(pd.DataFrame({"open_time": opens, "close": 100.0}), 3600, "kraken BTC/USD")
    marks = pd.DataFrame({"at": opens[:1], "title": "t", "publisher": "p", "relation": [None]})
    span = {"anchor": None, "base": None, "start": opens[0], "end": opens[-1]}
    figure = path.figure(found, marks, asset="BTC", **span, zone="America/New_York")
    assert figure.layout.xaxis.title.text == "EST throughout"  # New York's clocks went on at 07:00 UTC
    assert pd.Timestamp(figure.data[0].x[0]) == pd.Timestamp("2025-03-08 16:00")  # 21:00 UTC
    assert (pd.Series(figure.data[0].x).diff().dropna() == timedelta(hours=1)).all()
    assert "2025-03-08 15:00 EST" in figure.data[-1].text[0]
    assert path.figure(found, marks, asset="BTC", **span).layout.xaxis.title.text == "UTC"


def test_what_is_out_by_the_clock_came_out_by_then() -> None:
    """Of a post dated to the day, known at noon of it."""
    article = dict.fromkeys(("published_not_before", "indexed_at", "date_conflicts", "revised_at"))
    article |= {"article_id": "a", "publisher": "p", "source": "s", "title": "t"}
    article |= {"known_at_assumed": False, "revisions": 0}
    day = at("2025-03-28")
    rows = pd.DataFrame([article | {"published_at": day, "published_precision": "day", "first_seen_at": day}])
    posts = pd.DataFrame(columns=["article_id", "value", "posted_at", "posted_precision"])
    published = [ladder.rungs(rows, posts, known).set_index("step").loc["Published", "until"] for known in
                 (None, clock("2025-03-28 12:00"))]  # fmt: skip
    assert published == [at("2025-03-29"), at("2025-03-28 12:00")]

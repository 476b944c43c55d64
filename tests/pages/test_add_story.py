"""The form: a story is pasted, uploaded or fetched, previewed, corrected and saved; and a stored one corrected."""

from __future__ import annotations

import errno
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pages_run import html, run_page
from streamlit.testing.v1 import AppTest

from connectors.transport import Transport
from data import queries
from data.add_article import stored_draft
from data.home import ENV
from data.lake import Lake, Snapshot

TEXT = """Bitcoin rests as traders wait

Published: March 28, 2025

El Salvador's president Nayib Bukele met bankers on Friday. The total crypto market cap stood at $2.68 trillion.

Volumes shrank by 12% to $40 billion, and nobody could say why the week had been so quiet for everyone.
"""
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Bitcoin rests</title>
<meta property="og:title" content="Bitcoin rests"><meta property="og:site_name" content="Example News">
<meta property="article:published_time" content="2025-03-28T18:17:00+01:00"></head><body><nav>Menu</nav><article>
<h1>Bitcoin rests</h1><p>Bitcoin rested on Friday as traders weighed new tariffs and the dollar gained against most
other currencies.</p><p>The total crypto market cap stood at $2.68 trillion, according to TradingView, and analysts
expected more of it.</p><p>Volumes were thin across exchanges, and traders said that they would wait for the figures
of next week.</p></article><footer>About us</footer></body></html>"""


@pytest.fixture
def add(open_page, home: Path) -> Callable[..., AppTest]:
    return partial(open_page, "add_story", home)


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setattr("dashboard.views.add_story_form.WAIT_S", 0.2)
    return Lake(str(home))


def stored(at: Snapshot, name: str) -> list[dict]:
    return at.table(name).to_pyarrow_table().to_pylist()


def read(app: AppTest, text: str = TEXT, url: str = "") -> AppTest:
    app.text_area(key="add_text").set_value(text)
    app.text_input(key="add_text_url").set_value(url)
    return press(app, "add_read_text")


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, app.exception
    return app


def typed(app: AppTest) -> dict[str, str]:
    return {field.key.partition("_")[2]: field.value for field in app.text_input if field.key.startswith("add1_")}


def test_a_pasted_text_is_previewed_with_all_that_is_read_from_it(add, here) -> None:
    app = read(add())
    fields = typed(app)
    assert (fields["title"], fields["published_at"]) == ("Bitcoin rests as traders wait", "2025-03-28")
    assert "2025-03-28 (UTC), known to the day" in html(app)
    assert "Nayib Bukele" in app.multiselect(key="add1_person").value
    assert app.multiselect(key="add1_asset").value == ["BTC"]
    assert app.text_area(key="add1_claim0_quote").value.endswith("market cap stood at $2.68 trillion")
    assert app.text_input(key="add1_claim0_value").value == "2.68T"
    assert "2 figures not read as a claim" in [one.label for one in app.expander]
    assert stored(here.pin(), "articles") == []  # nothing is stored before it is saved


def test_correct_and_save(add, here) -> None:
    app = read(add(), url="https://Paper.example/story?utm_source=x")
    assert typed(app)["url"] == "https://paper.example/story"
    app.text_input(key="add1_title").set_value("Bitcoin *rests*")
    app.text_input(key="add1_publisher").set_value("The Paper")
    app.text_input(key="add1_published_at").set_value("2025-03-28 18:17+01:00")
    app.multiselect(key="add1_person").set_value(["Gabriela Perdomo"])
    app.text_input(key="add1_claim0_value").set_value("2.7 trillion")
    app.text_input(key="add_author").set_value("ann")
    press(app, "add1_save")
    [row] = stored(here.pin(), "articles")
    assert [row[name] for name in ("title", "publisher", "published_precision", "published_at")] == [
        "Bitcoin *rests*", "The Paper", "minute", datetime(2025, 3, 28, 17, 17, tzinfo=UTC),
    ]  # fmt: skip
    people = {one["value"] for one in stored(here.pin(), "mentions") if one["kind"] == "person"}
    assert people == {"Gabriela Perdomo"}
    [claim] = stored(here.pin(), "claims")
    assert (claim["value"], claim["precision"]) == (2.7e12, 0.05e12)
    # 17:17 UTC is when it came out, and what "stood" is stated for.
    assert claim["as_of"] == datetime(2025, 3, 28, 17, 17, tzinfo=UTC)
    assert {one["author"] for one in stored(here.pin(), "annotations")} == {"ann"}
    [run] = [one for one in stored(here.pin(), "runs") if one["source"] == "add a story"]
    assert (run["new"], run["rejected"]) == (1, 0)
    story = queries.stories(here.pin())["story_id"].iloc[0]
    assert f'href="story?story={story}"' in html(app)
    assert app.success[0].value == "The story is stored, with 6 corrections."
    assert not any(key.startswith("add1_") for key in [field.key for field in app.text_input])


def test_a_stored_story_opens_for_correction_and_its_corrections_can_be_taken_back(add, here) -> None:
    article = here.pin() and stored(_saved(add, here).pin(), "articles")[0]["article_id"]
    app = add(article=article)
    prefix = f"add{article}_0_"
    assert app.text_input(key=f"{prefix}url").disabled
    app.text_input(key=f"{prefix}title").set_value("Another title")
    app.checkbox(key=f"{prefix}claim0_keep").uncheck()
    press(app, f"{prefix}save")
    assert stored(here.pin(), "articles")[0]["title"] == "Another title"
    assert stored(here.pin(), "claims") == []

    app = add(article=article)
    assert "title: Another title; the publisher states Bitcoin rests as traders wait" in html(app)
    labels = [one.key for one in app.checkbox if one.key.startswith(f"{prefix}back")]
    assert len(labels) == 2
    for key in labels:
        app.checkbox(key=key).check()
    press(app, f"{prefix}save")
    assert stored(here.pin(), "articles")[0]["title"] == "Bitcoin rests as traders wait"
    assert len(stored(here.pin(), "claims")) == 1
    assert "Nothing was changed" in html(press(add(article=article), f"{prefix}save"))


def _saved(add, here, text: str = TEXT) -> Lake:
    press(read(add(), text), "add1_save")
    return here


def test_times_are_in_the_zone_of_the_address_and_links_keep_it(add, here) -> None:
    """17:17 UTC is 13:17 in New York, whose clocks had gone on; what is typed names its own zone."""
    app = read(add(tz="America/New_York"))
    app.text_input(key="add1_published_at").set_value("2025-03-28T17:17Z").run()
    assert "2025-03-28 13:17 EDT, known to the minute" in html(app)
    app.text_input(key="add1_title").set_value("Another title")
    press(app, "add1_save")
    assert "Shown at 2025-03-28 13:17 EDT." in html(app)
    [row] = stored(here.pin(), "articles")
    assert row["published_at"] == datetime(2025, 3, 28, 17, 17, tzinfo=UTC)
    for address in (f"add?article={row['article_id']}&amp;tz=America%2FNew_York", "add?tz=America%2FNew_York"):
        assert f'href="{address}"' in html(app)
    made = stored(here.pin(), "annotations")[0]["created_at"]
    app = add(article=row["article_id"], tz="Asia/Kolkata", known="2025-03-28")
    assert f"analyst, {made.astimezone(ZoneInfo('Asia/Kolkata')):%Y-%m-%d %H:%M} IST: Correction of" in html(app)
    assert "The clock in the address changes nothing here" in html(app)
    assert app.selectbox(key="replay_zone").value == "Asia/Kolkata"


def test_what_was_typed_for_one_claim_is_not_held_against_the_next(add, here) -> None:
    both = TEXT.replace("trillion.", "trillion. At press time, Bitcoin is trading at $84,500.")
    article = stored(_saved(add, here, both).pin(), "articles")[0]["article_id"]
    app = add(article=article)
    app.checkbox(key=f"add{article}_0_claim0_keep").uncheck()
    press(app, f"add{article}_0_save")
    assert "Saved, with 1 correction." in app.success[0].value
    assert app.text_area(key=f"add{article}_1_claim0_quote").value == "Bitcoin is trading at $84,500"
    app.text_input(key=f"add{article}_1_title").set_value("Now this")
    press(app, f"add{article}_1_save")
    assert [one["asset"] for one in stored(here.pin(), "claims")] == ["BTC"]


def test_a_claim_is_added_with_words_of_the_text(add, here) -> None:
    app = press(read(add()), "add1_add_claim")
    app.text_area(key="add1_new0_quote").set_value("Volumes shrank by 13%")
    app.selectbox(key="add1_new0_quantity").set_value("pct_change")
    app.text_input(key="add1_new0_value").set_value("−12")
    press(app, "add1_save")
    assert "“Volumes shrank by 13%” does not stand in the text" in html(app)
    assert stored(here.pin(), "articles") == []
    app.text_area(key="add1_new0_quote").set_value("Volumes shrank by 12%")
    press(app, "add1_save")
    added = next(one for one in stored(here.pin(), "claims") if one["quantity"] == "pct_change")
    assert (added["value"], added["unit"], added["asset"]) == (-12, "percent", "TOTAL")


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("title", "", "An article has a title"),
        ("published_at", "28 March", "is not a time; write a day as 2025-03-28"),
        ("published_at", "2025-03-28T17:17", "has no time zone"),
        ("published_at", "2099-01-01", "lies in the future"),
        ("claim0_value", "a lot", "is not an amount in US dollars"),
        ("claim0_as_of", "then", "is not a time"),
        ("claim0_asset", "", "The asset is empty"),
        ("url", "ftp://x", "is not an address of the web"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(add, here, field, text, said) -> None:
    app = read(add())
    app.text_input(key=f"add1_{field}").set_value(text)
    press(app, "add1_save")
    assert said in html(app)
    assert app.text_input(key=f"add1_{field}").value == text
    assert stored(here.pin(), "articles") == []


@pytest.mark.parametrize(
    ("text", "said"), [("", "The text is empty"), ("x" * 2_000_001, "more than an article can have (2,000,000)")]
)
def test_a_text_that_is_no_article(add, here, text, said) -> None:
    assert said in html(read(add(), text))


def test_an_uploaded_page_states_its_own_title_and_time(add, here) -> None:
    app = add()
    app.file_uploader(key="add_file").set_value(("story.html", PAGE.encode(), "text/html")).run()
    press(app, "add_read_file")
    fields = typed(app)
    assert (fields["title"], fields["publisher"]) == ("Bitcoin rests", "Example News")
    assert fields["published_at"] in ("2025-03-28T17:17Z", "2025-03-28T17:17:00Z")  # 18:17 at +01:00
    assert "About us" not in app.text[0].value
    press(app, "add1_save")
    assert [row["title"] for row in stored(here.pin(), "articles")] == ["Bitcoin rests"]


def test_without_a_file_it_says_so(add, here) -> None:
    assert "Choose a file first." in html(press(add(), "add_read_file"))


def test_the_page_at_an_address_is_fetched_when_the_button_is_pressed(add, here, replay, monkeypatch) -> None:
    monkeypatch.setattr("data.add_article.open_transport", partial(Transport, replay.base_url))
    replay.serve("https://news.example/story", PAGE.encode())
    app = add()
    app.text_input(key="add_url").set_value("https://news.example/story?utm_medium=mail#top").run()
    assert replay.asked == []
    press(app, "add_fetch")
    assert replay.urls() == ["https://news.example/story"]
    assert typed(app)["url"] == "https://news.example/story"
    app.text_input(key="add1_title").set_value("Mine").run()
    assert len(replay.asked) == 1  # drawing the page again asks nothing
    press(app, "add1_save")
    assert stored(here.pin(), "articles")[0]["title"] == "Mine"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9/x", "only public addresses are asked"),
        ("http://169.254.169.254/latest", "only public addresses are asked"),
        ("http://localhost/x", "only public addresses are asked"),
        ("file:///etc/passwd", "is not an address of the web"),
        ("", "Give the address of the story"),
    ],
)
def test_addresses_that_are_not_asked(add, here, address, said) -> None:
    app = add()
    app.text_input(key="add_url").set_value(address)
    assert said in html(press(app, "add_fetch"))


def test_an_answer_that_is_no_story_is_said(add, here, replay, monkeypatch) -> None:
    from replay import Answer

    monkeypatch.setattr("data.add_article.open_transport", partial(Transport, replay.base_url))
    replay.serve("https://news.example/pdf", Answer(b"%PDF-1.7 x", headers={"Content-Type": "application/pdf"}))
    replay.serve("https://news.example/gone", Answer(b"gone", 404))
    for path, said in (("pdf", "is application/pdf, not a web page"), ("gone", "404")):
        app = add()
        app.text_input(key="add_url").set_value(f"https://news.example/{path}")
        assert said in html(press(app, "add_fetch"))


def test_the_same_story_again_is_said_with_a_way_to_it(add, here) -> None:
    article = stored(_saved(add, here).pin(), "articles")[0]["article_id"]
    text = html(read(add()))
    assert "Already stored: “Bitcoin rests as traders wait”" in text
    assert f'href="add?article={article}"' in text
    assert "Stored already with the same text" in html(read(add(), url="https://other.example/copy"))


def test_while_another_writes_the_form_says_so_and_keeps_what_was_typed(add, here) -> None:
    app = read(add())
    app.text_input(key="add1_title").set_value("Typed by hand")
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with Lake(here.home).writing():
            holding.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(30)
    press(app, "add1_save")
    done.set()
    thread.join()
    assert "Another process is writing" in html(app)
    assert app.text_input(key="add1_title").value == "Typed by hand"
    press(app, "add1_save")
    assert stored(here.pin(), "articles")[0]["title"] == "Typed by hand"


def test_a_full_disk_is_one_sentence(add, here, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    app = read(add())
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "merge", full)
        press(app, "add1_save")
    assert "Cannot write to the lake" in html(app)
    assert "free some space" in html(app)
    press(app, "add1_save")
    assert len(stored(here.pin(), "articles")) == 1


def test_a_lake_that_cannot_be_read_is_one_sentence(open_page, home, tmp_path) -> None:
    pointer = home / "published.json"
    pointer.write_text(pointer.read_text().replace('"format"', '"format": 99, "was"'))
    assert "update Newstape" in html(open_page("add_story", home=home))
    assert "newstape init" in html(open_page("add_story", home=tmp_path / "nothing"))


def test_an_unknown_article_is_said(add, here) -> None:
    assert "not in this lake" in add(article="nonsense").warning[0].value


def test_untrusted_text_never_becomes_markup(add, here) -> None:
    hostile = "<img src=x onerror=alert(1)> **bold** [a](https://evil.example) $x$"
    app = read(add(), f"{hostile}\n\n{hostile} stood in the first paragraph of this story for everybody to read.\n\n"
               f"(Photo: {hostile})\n")  # fmt: skip
    assert "<img" not in html(app)
    assert not any("evil.example" in element.value for element in app.markdown)
    press(app, "add1_save")
    assert "<img" not in html(app)
    article = stored(here.pin(), "articles")[0]["article_id"]
    app = add(article=article)
    assert "<img" not in html(app)
    assert "evil.example" in stored_draft(here.pin(), article).text


def test_the_sample_can_be_corrected(monkeypatch, sample_home, tmp_path) -> None:
    home = shutil.copytree(sample_home, tmp_path / "copy")
    monkeypatch.setenv(ENV, str(home))
    lake = Lake(str(home))
    stories = queries.stories(lake.pin())
    article = stories.loc[stories["title"].str.contains("receive El Salvador's Bukele"), "story_id"].iloc[0][1:]
    app = run_page("add_story", article=article)
    app.multiselect(key=f"add{article}_0_topic").select("adoption")
    press(app, f"add{article}_0_save")
    topics = {one["value"] for one in stored(lake.pin(), "mentions") if one["article_id"] == article}
    assert "adoption" in topics
    assert "Nayib Bukele" in topics

"""Articles as files: one, or folders of them, as text and as saved pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from lake_rows import stored

from data import import_pages
from data.import_articles import MAX_ARTICLE_BYTES, MAX_PAGE_BYTES, find, import_article, import_folder
from data.import_pages import read_page
from data.imports import BadFile
from data.lake import Counts

NOW = datetime(2026, 7, 1, tzinfo=UTC)
STORY = (
    "Bitcoin fell on Friday as traders weighed new tariffs.\n\n"
    "The total crypto market cap stood at $2.68 trillion, according to TradingView. Analysts expect more.\n"
)


def _article(lake, tmp_path, content: bytes, **options):
    path = tmp_path / "story.txt"
    path.write_bytes(content)
    return import_article(lake, path, NOW, **options)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xff\xfe\x00bad", "is not UTF-8 text"),
        (b"text \x00 with a zero", "holds binary data"),
        (b"x" * (MAX_ARTICLE_BYTES + 1), "more than an article can have"),
    ],
    ids=["empty", "blank", "not utf-8", "binary", "huge"],
)
def test_an_article_file_that_is_none_is_refused(lake, tmp_path, content, said):
    before = lake.pin().versions
    with pytest.raises(BadFile, match=said) as refused:
        _article(lake, tmp_path, content)
    assert "story.txt" in str(refused.value)
    assert lake.pin().versions == before


def test_a_missing_article_file(lake, tmp_path):
    with pytest.raises(BadFile, match=r"none\.txt cannot be read: No such file"):
        import_article(lake, tmp_path / "none.txt", NOW)


def test_an_article_is_stored_once_with_what_the_caller_states(lake, tmp_path):
    published = datetime(2025, 3, 29, 8, tzinfo=UTC)
    given = {
        "title": "Bitcoin falls",
        "publisher": "Bitcoinist",
        "published_at": published,
        "published_precision": "minute",
        "url": "https://Bitcoinist.com/story/?utm_source=x",
    }
    assert _article(lake, tmp_path, STORY.encode(), **given).counts == Counts(new=1)
    assert _article(lake, tmp_path, STORY.encode(), **given).counts == Counts(same=1)
    row = stored(lake.pin(), "articles")[0]
    assert (row["title"], row["publisher"], row["source"]) == ("Bitcoin falls", "Bitcoinist", "bitcoinist")
    assert "utm_source" not in row["url"]
    assert (row["published_at"], row["known_at"], row["first_seen_at"]) == (published, published, NOW)
    assert row["known_at_assumed"] is True
    assert row["title_derived"] is False


# ── saved pages ───────────────────────────────────────────────────────────────────────────────────────

PARAGRAPHS = (
    "<p>Bitcoin fell on Friday as traders weighed new tariffs and the dollar gained against most other currencies.</p>"
    "<p>The total crypto market cap stood at $2.68 trillion, according to TradingView. Analysts expect more.</p>"
    "<p>Volumes were thin across exchanges, and traders said that they would wait for the figures of next week.</p>"
)
PAGE = f"""<!DOCTYPE html><html lang="en-US"><head><meta charset="utf-8"><title>Bitcoin falls | Example News</title>
<link rel="canonical" href="https://news.example/bitcoin-falls/?utm_source=rss">
<meta property="og:site_name" content="Example News"><meta property="og:title" content="Bitcoin falls">
<meta property="article:published_time" content="2025-03-28T18:17:00+01:00"></head>
<body><nav><a href="/markets">Markets</a></nav>
<article><h1>Bitcoin falls</h1>{PARAGRAPHS}</article>
<footer>About us</footer></body></html>"""


def test_a_saved_page_is_stored_under_the_address_and_time_it_states(lake, tmp_path):
    path = tmp_path / "story.html"
    path.write_text(PAGE)
    assert import_article(lake, path, NOW).counts == Counts(new=1)
    row = stored(lake.pin(), "articles")[0]
    assert [row[name] for name in ("title", "publisher", "source", "url", "language")] == [
        "Bitcoin falls", "Example News", "example news", "https://news.example/bitcoin-falls/", "en",
    ]  # fmt: skip
    assert (row["published_at"], row["published_precision"]) == (datetime(2025, 3, 28, 17, 17, tzinfo=UTC), "second")
    assert row["body"].count("\n\n") == 2
    assert "Markets" not in row["body"]
    assert [claim["value"] for claim in stored(lake.pin(), "claims")] == [2.68e12]
    assert import_article(lake, path, NOW).counts == Counts(same=1)


def test_a_page_without_an_article_is_refused(lake, tmp_path):
    path = tmp_path / "story.html"
    path.write_text("<html><body><div id=root></div></body></html>")
    with pytest.raises(BadFile, match=r"story\.html: no article in it"):
        import_article(lake, path, NOW)
    path.write_bytes(b"x" * (MAX_PAGE_BYTES + 1))
    with pytest.raises(BadFile, match="more than an article can have"):
        import_article(lake, path, NOW)


class Looping(import_pages.SavedPage):
    def parse(self, request, body):
        re.match(r"(a+)+$", "a" * 64 + "b")


def test_a_page_that_is_never_read_to_its_end_is_ended_and_holds_up_no_other(lake, tmp_path, monkeypatch):
    from connectors.contained import Contained

    monkeypatch.setattr("data.import_pages.SavedPage", Looping)
    monkeypatch.setattr("data.import_articles.Contained", lambda workers: Contained(2.0, workers))
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "a.html").write_text(PAGE)
    (folder / "b.txt").write_text(STORY)
    taken = next(import_folder(lake, find([folder]).files, "saved", NOW))
    assert taken.counts == Counts(new=1)
    assert [reject.reason for reject in taken.rejects] == ["cannot be read as a page: took longer than 2 s to read."]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (PAGE.replace("Friday", "Frïday").encode(), "Frïday"),
        (PAGE.replace("utf-8", "iso-8859-1").replace("Friday", "“Frïday”").encode("cp1252"), "“Frïday”"),
        (PAGE.replace("utf-8", "windows-1251").replace("Friday", "Пятница").encode("cp1251"), "Пятница"),
        (PAGE.replace("Friday", "Пятница").encode("utf-16"), "Пятница"),
        (b"\xef\xbb\xbf" + PAGE.replace("Friday", "Frïday").encode(), "Frïday"),
    ],
    ids=["utf-8", "latin-1 as browsers read it", "windows-1251", "utf-16", "byte order mark"],
)
def test_the_encoding_that_a_page_names_is_used(raw, text):
    assert text in read_page(raw).text


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (PAGE.replace("utf-8", "punycode").encode(), "its encoding is not known: punycode"),
        (PAGE.replace("utf-8", "no-such").encode(), "its encoding is not known: no-such"),
        (PAGE.replace("Friday", "Frïday").encode("cp1252"), "it is not the utf-8 it should be"),
        (b"<!-- nothing -->", "not HTML"),
    ],
)
def test_what_is_no_page_is_said(raw, said):
    with pytest.raises(ValueError, match=said):
        read_page(raw)


# ── folders ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "saved"
    for name in ("a.txt", "deep/down/b.TXT", "c.txt"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(STORY.replace("Friday", f"the day of {name}"))
    return place


def test_articles_are_found_however_deep_and_the_rest_is_counted(folder):
    for name in ("picture.png", ".hidden.txt", "page.html", "page_files/frame.html", "page_files/x.js", ".git/y.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    found = find([folder])
    assert [path.relative_to(folder).as_posix() for path in found.files] == [
        "a.txt", "c.txt", "page.html", "deep/down/b.TXT",
    ]  # fmt: skip
    assert found.skipped == 5


def test_one_bad_file_holds_up_no_other_and_is_kept_with_its_reason(lake, folder):
    (folder / "bad.txt").write_bytes(b"\xff\xfe\x00")
    seen = []
    taken = list(import_folder(lake, find([folder]).files, "saved", NOW, read=seen.append))
    assert [part.counts for part in taken] == [Counts(new=3)]
    assert len(seen) == 4
    rejects = stored(lake.pin(), "rejects")
    assert [(row["source"], row["reason"][:21]) for row in rejects] == [("import saved", "is not UTF-8 text (by")]
    assert rejects[0]["excerpt"].endswith("bad.txt")


def test_a_folder_is_stored_in_batches_so_that_an_interruption_keeps_what_was_done(lake, folder, monkeypatch):
    monkeypatch.setattr("data.import_articles.BATCH", 2)
    before = lake.pin().versions["articles"]

    def interrupted(path):
        if path.name == "b.TXT":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(import_folder(lake, find([folder]).files, "saved", NOW, read=interrupted))
    assert len(stored(lake.pin(), "articles")) == 2
    assert lake.pin().versions["articles"] == before + 1  # one commit for both
    assert [part.counts for part in import_folder(lake, find([folder]).files, "saved", NOW)] == [
        Counts(same=2), Counts(new=1),
    ]  # fmt: skip


def test_a_folder_again_is_all_the_same_and_stores_nothing(lake, folder):
    list(import_folder(lake, find([folder]).files, "saved", NOW))
    before = lake.pin().versions
    assert [part.counts for part in import_folder(lake, find([folder]).files, "saved", NOW)] == [Counts(same=3)]
    assert lake.pin().versions == before

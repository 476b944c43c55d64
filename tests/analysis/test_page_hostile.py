"""Pages that are none, are broken or mean harm: refused with a reason or read as little, in linear time."""

from __future__ import annotations

import pytest

from analysis.extract import from_html
from analysis.page import MAX_BYTES, MAX_ELEMENTS, read

P = b"<p>The lamp maker said that it would open four more shops in the north before the year is over.</p>"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not HTML"),
        (b" \n", "not HTML"),
        (b"<p>a</p>" * (MAX_BYTES // 7), "more than a page can have"),
        (b"\0" * 1000, "binary data"),
        (bytes(range(256)) * 50, "binary data"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", "binary data"),
        (b'<meta charset="utf-8">\xed\xa0\x80' + P, "not the utf-8 it should be"),
        (b'<meta charset="no-such">' + P, "its encoding is not known: no-such"),
        (b"<i>x</i>" * (MAX_ELEMENTS + 1), "elements"),
    ],
    ids=["empty", "blank", "huge", "zeros", "binary", "picture", "surrogates", "no encoding", "many elements"],
)
def test_what_is_no_page_is_refused(raw, said):
    with pytest.raises(ValueError, match=said):
        from_html(raw, "https://a.example/")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<div>" * 100, b"</div>" * 100),
        (b'<script type="application/ld+json">' + b"[" * 1_000_000 + b"</script>", b""),
        (b'<script type="application/ld+json">' + b'{"a":' * 1_000_000 + b"</script>", b""),
        (b'<script type="application/ld+json">{"@type":"Article","author":' + b"[" * 900 + b"]" * 900 + b"}</script>",
         b""),
        (b"<html><body>\0\0", b""),
        (b"\xff", b""),
        (b"", b"<i hidden>a</i>x" * 50_000),
        (b"", b"<!-- x -->y" * 50_000),
        (b"", b"<script>1</script>x" * 50_000),
        (b"", b"<div class=related>" * 50_000),
        (b"", b"<blockquote class=twitter-tweet>" * 50_000),
        (b"", b"<b>" * 300_000),
        (b"", b"&amp;lt;" * 100_000),
    ],
)  # fmt: skip
def test_the_article_is_found_beside_what_means_harm(before, after):
    found = from_html(before + P * 3 + after, "")
    assert "four more shops in the north" in found.body


def test_entities_that_multiply_are_not_unfolded():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    raw = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "ha">{laughs}]><html><body><p>&l9;</p>'.encode() + P * 3
    assert len(from_html(raw, "").full_text) < 1000


def test_a_hundred_thousand_levels_end_where_the_parser_ends():
    assert from_html(b"<html><body>" + b"<div>" * 100_000 + P + b"</div>" * 100_000, "").body == ""


# ── encodings ─────────────────────────────────────────────────────────────────────────────────────────

TEXT = "Der Erlös der „Lampe“ fiel am Freitag auf 5 €, so die Behörde für Öl und Licht im Süden des Landes."
CYRILLIC = "Цена лампы упала в пятницу, сообщили в городской управе, и больше расти в этом году не будет."
JAPANESE = "東京のランプの価格は金曜日に下落し、市役所は今年はもう上がらないだろうと発表した。"


@pytest.mark.parametrize(
    ("head", "encoding", "text"),
    [
        ("", "utf-8", TEXT),
        ("", "cp1252", TEXT),
        ("", "utf-8-sig", TEXT),
        ("", "utf-16", TEXT),
        ('<meta charset="iso-8859-1">', "cp1252", TEXT),  # as browsers read it
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251", CYRILLIC),
        ('<meta charset="koi8-r">', "koi8-r", CYRILLIC),
        ('<?xml version="1.0" encoding="windows-1251"?>', "cp1251", CYRILLIC),
        ('<meta charset="Shift_JIS">', "cp932", JAPANESE),
        ('<meta charset="utf-16">', "utf-8", CYRILLIC),  # it could not be read so if it were true
    ],
)
def test_a_page_is_read_in_the_encoding_it_names(head, encoding, text):
    page = f"{head}<html><body><p>{text}</p><p>{text}</p></body></html>"
    assert text in read(page.encode(encoding)).text

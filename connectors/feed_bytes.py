"""A feed's bytes as a parser can take them: in UTF-8, without what XML cannot hold, and not too many items.

https://www.w3.org/TR/xml/#sec-guessing says how a document tells its encoding. Publishers say it wrongly, and a
feed cut short ends inside a character; feedparser then reads all of it as windows-1252.
"""

from __future__ import annotations

import re

from connectors.records import Reject

MAX_ITEMS = 2_000  # feedparser takes 40 s for 100,000
NOT_AS_DECLARED = "encoding is not the declared one, texts may be misread"

_WIDE = (  # a byte order mark, or "<?" or "<r"
    ("utf-32-be", (b"\0\0\xfe\xff", b"\0\0\0<")),
    ("utf-32-le", (b"\xff\xfe\0\0", b"<\0\0\0")),
    ("utf-16-be", (b"\xfe\xff", b"\0<")),
    ("utf-16-le", (b"\xff\xfe", b"<\0")),
)
_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]*>")
_DECLARED = re.compile(rb"""\s*<\?xml\b[^>]*?encoding\s*=\s*["']([^"'>]*)["']""")
_ONE_BYTE = re.compile(r"(?:us-)?ascii|(?:iso|windows|cp)[-_]?(?:8859|125)[-_]?\d+|latin-?1", re.I)
_CHAR_REF = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]+)|0*([0-9]+));?")
_ITEM = re.compile(rb"<(?:[a-z][\w.-]*:)?(?:item|entry)[\s/>]", re.I)
_ITEM_END = re.compile(rb"</(?:[a-z][\w.-]*:)?(?:item|entry)\s*>", re.I)


def as_utf8(body: bytes) -> tuple[bytes, list[Reject]]:
    """``body`` in UTF-8 where that can be told, and a reject where it is not what the document declares.

    UTF-16 and UTF-32 are always told. Bytes that are UTF-8 are that, whatever one-byte encoding is declared:
    no text in one reads as UTF-8 by chance. Bytes meant as UTF-8 with a few broken ones stay UTF-8, each broken
    one U+FFFD. Other encodings are left as they are, for the XML parser.
    """
    for codec, starts in _WIDE:
        if body.startswith(starts):
            text = body.decode(codec, "replace").removeprefix("\ufeff").encode()
            return text[_declaration_end(text) :], []
    body = body.removeprefix(b"\xef\xbb\xbf")
    match = _DECLARED.match(body)
    declared = match[1].decode("ascii", "replace").lower() if match else "utf-8"
    if declared not in ("utf-8", "utf8") and not _ONE_BYTE.fullmatch(declared):
        return body, []
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd") - body.count("\ufffd".encode())
    if declared in ("utf-8", "utf8"):
        if not broken or broken > _beyond_ascii(text) - broken:
            return body, []
        said = f"declared as utf-8, {broken:,} characters are not"
    else:
        if broken or text.isascii():
            return body, []
        said = f"declared as {declared}, read as utf-8"
    return text.encode()[_declaration_end(body) :], [Reject(NOT_AS_DECLARED, said)]


def legal(body: bytes) -> bytes:
    """``body`` with U+FFFD for references to no character (lone surrogates, numbers beyond Unicode)."""
    return _CHAR_REF.sub(_legal_reference, body)


def cut(body: bytes) -> tuple[bytes, list[Reject]]:
    """At most ``MAX_ITEMS`` items, the first ones, and a reject that counts the others."""
    starts = [match.start() for match in _ITEM.finditer(body)]
    if len(starts) <= MAX_ITEMS:
        return body, []
    ends = [match.end() for match in _ITEM_END.finditer(body, starts[-1])]
    return body[: starts[MAX_ITEMS]] + (body[ends[-1] :] if ends else b""), [too_many(len(starts))]


def too_many(count: int) -> Reject:
    return Reject("too many items", f"{count:,} items, the first {MAX_ITEMS:,} read, {count - MAX_ITEMS:,} left out")


def _declaration_end(text: bytes) -> int:
    """Where the XML declaration ends: without one, a document is in UTF-8."""
    match = _DECLARATION.match(text)
    return match.end() if match else 0


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _legal_reference(match: re.Match[bytes]) -> bytes:
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    code = int(digits, base) if len(digits) <= 7 else 0x110000
    return b"&#xFFFD;" if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else match[0]

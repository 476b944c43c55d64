"""The bytes of a web page to its characters, as the page states them (https://encoding.spec.whatwg.org/).

Pure. A byte order mark comes first, then a meta element or an XML declaration within the first 4,096 bytes. A page
that states nothing is UTF-8, or where it is none, windows-1252. What is stated is never overruled: a page that is not
what it says is refused.
"""

from __future__ import annotations

import codecs
import re

_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_XML = re.compile(rb"\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]{2,40})[\"']", re.I)
#: Encodings that web pages have; Python knows others, some of them slow to read.
_OF_THE_WEB = re.compile(r"utf-?8|utf-16(-[lb]e)?|cp\d+|iso8859-\d+|koi8-[ru]|gb\w+|big5\w*|shift_jis\w*|euc_\w+|ascii")
#: Read as the larger set that browsers take for the name.
_LARGER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",  # a name that could be read byte by byte is not in UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))


def decoded(raw: bytes) -> str:
    """The characters of a page, without NUL.

    Raises ValueError for bytes that are no text, are not what the page says, or whose encoding is not known.
    """
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    if encoding is None or encoding.startswith("utf-8"):
        controls = len(raw) - len(raw.translate(None, _CONTROL))
        if controls * (1000 if controls > 16 else 20) > len(raw):  # a few stray ones do no harm
            raise ValueError("it holds binary data, no page")
    if encoding is None:
        encoding = _stated(raw[:4096])
    if encoding is None:
        try:
            return _characters(raw, "utf-8")
        except ValueError:
            return raw.decode("cp1252", "replace").replace("\0", "")
    return _characters(raw, encoding)


def _stated(head: bytes) -> str | None:
    match = _META.search(head) or _XML.match(head)
    if not match:
        return None
    stated = match[1].decode("ascii", "replace")
    try:
        name = codecs.lookup(stated).name
    except LookupError:
        name = ""
    if not _OF_THE_WEB.match(name):
        raise ValueError(f"its encoding is not known: {stated}")
    return _LARGER.get(name, stated)


def _characters(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding).replace("\0", "")
    except UnicodeError as error:
        raise ValueError(f"it is not the {encoding} it should be (byte {getattr(error, 'start', 0):,})") from error

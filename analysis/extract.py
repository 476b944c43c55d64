"""An article to its parts: title, body, headings, captions, embedded posts, boilerplate, dates.

Text as pasted here; web pages in ``analysis.page``.

Pure, and never guesses: what the text does not say is None. Times are aware, UTC.

**The layout that offsets refer to** (``Extracted.full_text``)::

    title, or the derived title
    <line break>
    body paragraphs          a blank line between two
    <blank line>
    headings, captions, posts   in this order, each its own paragraph

A post is its text, and in the next line its signature with its address, where that is known
(``analysis.posts``). Boilerplate is not in it. ``title + "\\n" + body``, as the articles table stores
them, is a prefix of it, so an offset into the body holds for the stored row too. A derived title
repeats the body's beginning: read mentions and claims from ``text_start`` on, or they count twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice

from analysis.datelines import date_conflicts, date_line
from analysis.paragraphs import (
    CREDIT_TAIL,
    PERSON_CAPTION,
    POST_TAIL,
    is_boilerplate,
    is_caption,
    is_related_heading,
    is_short_phrase,
    publisher_hint,
    split_tail,
)
from analysis.posts import Address, Post, Signature, address, dated, post_signatures, x_address
from analysis.prose import sentences

TITLE_LENGTH = 110  # of a derived title, the ellipsis included
_HALVES = re.compile("[\ud800-\udfff]")  # of characters: no table can hold them
LONGEST_POST = 600  # in characters, of one that shares its line with its signature; embeds end at 280


@dataclass(frozen=True)
class Extracted:
    """The parts of one pasted article."""

    title: str | None  # as given
    title_derived: str | None  # from the first sentence, where none is given
    body: str
    headings: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    boilerplate: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()
    author: str | None = None  # of a byline
    published_at: datetime | None = None  # of a date line
    precision: str | None = None  # of published_at
    modified_at: datetime | None = None  # as a page states it
    published_not_before: datetime | None = None  # day of the latest post, where published_at is unknown
    date_conflicts: tuple[str, ...] = ()  # phrases about time that disagree, in the order they stand
    publisher_hint: str | None = None  # as the boilerplate spells it
    language: str | None = None  # where obvious

    @property
    def heading(self) -> str:
        """The title to store: as given, else derived; empty only for empty text."""
        return self.title or self.title_derived or ""

    @property
    def text_start(self) -> int:
        """Where reading ``full_text`` starts: 0, or behind a derived title."""
        return 0 if self.title else len(self.heading) + 1

    @cached_property
    def full_text(self) -> str:
        posts = tuple(f"{post.text}\n{post.signature}".strip() for post in self.posts if not post.inline)
        parts = [part for part in (self.body, *self.headings, *self.captions, *posts) if part]
        return self.heading + "\n" + "\n\n".join(parts)


def from_html(html: bytes, url: str | None = None) -> Extracted:
    """Take a web page apart. ``url`` is where it was found, if that is known.

    Raises ValueError for what cannot be read as a page, with the reason. To read pages of strangers, run
    ``analysis.page.read`` where it can be ended, and ``analysis.page.extracted`` on what it sends back.
    """
    from analysis import page  # reads its text as this module does

    return page.extracted(page.read(html, url or None))


def from_text(text: str) -> Extracted:
    """Take plain text apart, as pasted: one paragraph a line, or paragraphs between blank lines."""
    lines = [" ".join(line.split()) for line in _HALVES.sub("\ufffd", text).splitlines()]
    posts, lines, post_conflicts = _take_posts(lines)
    captions: list[str] = []
    boilerplate: list[str] = []
    headings: list[str] = []
    body: list[str] = []
    title, author, published_at, precision, lines = _take_front_matter([line for line in lines if line])
    related = False  # within a list of other articles
    for n, line in enumerate(lines):
        related = is_related_heading(line) or (related and line.startswith(("- ", "• ", "* ")))
        if related or is_boilerplate(line):
            boilerplate.append(line)
        elif is_caption(line):
            captions.append(line)
        elif is_short_phrase(line) and 0 < n < len(lines) - 1:
            (captions if PERSON_CAPTION.search(line) else headings).append(line)
        else:
            line, tail = split_tail(line, POST_TAIL)
            if tail:
                boilerplate.append(tail)
            line, tail = split_tail(line, CREDIT_TAIL)
            if tail:
                captions.append(tail)
            if line:
                body.append(line)
    inline = [post for line in body for post in _inline_posts(line)]
    posts += inline
    latest = max((post.posted_at for post in posts if post.posted_at), default=None)
    earliest_day = latest.replace(hour=0, minute=0, second=0, microsecond=0) if latest else None
    dated_posts = [(post.text, post.posted_at) for post in posts if post.posted_at]
    derived = None if title else _derive_title(body or headings or captions)
    return Extracted(
        title=title,
        title_derived=derived,
        body="\n\n".join(body),
        headings=tuple(headings),
        captions=tuple(captions),
        boilerplate=tuple(boilerplate),
        posts=tuple(posts),
        author=author,
        published_at=published_at,
        precision=precision,
        published_not_before=earliest_day if published_at is None else None,
        date_conflicts=(*date_conflicts(body, dated_posts, published_at or latest), *post_conflicts),
        publisher_hint=publisher_hint(boilerplate),
        language=_language(" ".join(body)),
    )


# Embedded posts -------------------------------------------------------------------------------------------


def _take_posts(lines: list[str]) -> tuple[list[Post], list[str], list[str]]:
    """Posts that stand in lines of their own, the lines without them, and times of theirs that disagree.

    Where paragraphs are separated by blank lines a post is its whole block; where each line is a
    paragraph it is the one line above its signature, or the line that ends in it. An address alone in its
    line is a post too, or the address of the one before it.
    """
    filled = sum(1 for line in lines if line)
    blocks = sum(1 for n, line in enumerate(lines) if line and (n == 0 or not lines[n - 1]))
    by_block = blocks * 2 > filled
    posts: list[Post] = []
    rest: list[str] = []
    conflicts: list[str] = []
    open_at = -1  # lines kept when the last post was complete but for its address
    for line in lines:
        alone = address(line) if "//" in line and len(line) < 400 and " " not in line else None
        if alone:
            before = posts[-1] if posts and open_at == len(rest) and posts[-1].url is None else None
            if before and alone.handle.lower() in ("", before.handle.lower()):
                posts.pop()
            else:
                before = Post(alone.handle, "", "", None)
            _add(posts, conflicts, before, alone)
            continue
        signature = _closing(line) if "(@" in line else None
        if signature is None:
            rest.append(line)
            continue
        text = [line[: signature.start].rstrip()] if signature.start else []
        if not text:
            while rest and not rest[-1]:
                rest.pop()
        while rest and rest[-1] and (by_block or not text):
            text.insert(0, rest.pop())
        rest.append("")
        post = Post(signature.handle, signature.author, "\n".join(text), signature.posted_at)
        _add(posts, conflicts, post, x_address(signature.post_id, signature.handle) if signature.post_id else None)
        open_at = len(rest)
    return posts, rest, conflicts


def _closing(line: str) -> Signature | None:
    """The signature that a line ends in, where what stands before it may be a post."""
    both = list(islice(post_signatures(line), 2))
    fits = len(both) == 1 and both[0].end == len(line) and both[0].start <= LONGEST_POST
    return both[0] if fits else None


def _add(posts: list[Post], conflicts: list[str], post: Post, found: Address | None) -> None:
    at, precision, conflict = dated(found, post.posted_at)
    if found:
        post = replace(post, posted_at=at, precision=precision, post_id=found.post_id, url=found.url)
    if conflict:
        conflicts.append(conflict)
    posts.append(post)


def _inline_posts(line: str) -> Iterator[Post]:
    """Signatures inside a paragraph whose line breaks were lost; where such a post begins is unknown."""
    for found in post_signatures(line) if "(@" in line else ():
        at = x_address(found.post_id, found.handle) if found.post_id else None
        posted_at, precision, _ = dated(at, found.posted_at)
        url = at.url if at else None
        yield Post(found.handle, found.author, "", posted_at, precision, found.post_id, url, inline=True)


# Title, byline, date line ---------------------------------------------------------------------------------

_BYLINE = re.compile(r"(?:By|Author:|Written by|Reported by) (?P<author>[A-Z][^\d|•·,:;.!?]{2,60})", re.I)


def _take_front_matter(
    lines: list[str],
) -> tuple[str | None, str | None, datetime | None, str | None, list[str]]:
    """Title, author, time with precision, and the lines that remain.

    A byline or date line counts among the first six lines, and only when it is the whole line.
    """
    author = published_at = precision = None
    rest = []
    front = True
    for n, line in enumerate(lines):
        front = front and n < 6 and len(line) <= 160
        if front:
            when, exact = date_line(line)
            byline = _BYLINE.fullmatch(line)
            if when:
                published_at, precision = published_at or when, precision or exact
                continue
            if byline and n > 0:
                author = author or byline["author"].strip()
                continue
        rest.append(line)
    titled = len(rest) > 1 and is_short_phrase(rest[0], 160) and not is_caption(rest[0])
    if titled and not is_boilerplate(rest[0]):
        return rest[0], author, published_at, precision, rest[1:]
    return None, author, published_at, precision, rest


def _derive_title(paragraphs: list[str]) -> str | None:
    """The first sentence, shortened on a word boundary to TITLE_LENGTH characters."""
    if not paragraphs:
        return None
    first = paragraphs[0].split("\n")[0]
    spans = sentences(first[:2000])
    if not spans:
        return None
    sentence = first[spans[0][0] : spans[0][1]]
    if len(sentence) <= TITLE_LENGTH:
        return sentence.rstrip(".")
    cut = sentence[: TITLE_LENGTH - 1]
    if not sentence[TITLE_LENGTH - 1].isspace() and " " in cut:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:–—-") + "…"


# What the text says about itself --------------------------------------------------------------------------

_WORDS = {
    "en": "the of and to in is that for with was were are has have his from which this",
    "es": "el los las que una por con para del es su como más pero sus fue esta",
    "fr": "le les des une est que dans pour qui sur pas plus avec aux cette ses été",
    "de": "der die das und ist von den mit nicht ein eine auf für dem sich auch wurde",
    "pt": "os uma que não para com do da em mais foi como ao dos das sua são",
    "it": "il gli che di una per non del della sono con è nel anche più alla",
}
_LANGUAGES = {name: frozenset(words.split()) for name, words in _WORDS.items()}


def _language(body: str) -> str | None:
    """By function words: the winner needs one word in twelve and twice the runner-up's count."""
    words = re.findall(r"[^\W\d_]+", body[:5000].lower())
    counts = sorted(((sum(w in known for w in words), name) for name, known in _LANGUAGES.items()), reverse=True)
    (best, name), (second, _) = counts[:2]
    return name if best >= 5 and best * 12 >= len(words) and best >= 2 * second else None

"""Social-media posts that an article embeds: their address, their time, and how they are laid out in text.

Pure. The number of an X post holds its time in milliseconds ("snowflake": ``(id >> 22) + 1288834974657`` since 1970,
UTC). Numbers from before November 2010 were counted up and hold none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analysis.prose import MONTH, day

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657  # 2010-11-04T01:42:54.657Z
#: Numbers had been counted up to 3 * 10**10 when snowflakes began, at about 3 * 10**14.
_FIRST_SNOWFLAKE = 10**12

#: Where a post of X stands. ``i`` and ``i/web`` stand for a handle that the address does not name.
_X = (
    r"(?:https?:)?//(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com/(?P<handle>i/web|\w{1,30})/status(?:es)?/(?P<id>\d{1,19})"
)
_X_ADDRESS = re.compile(_X + r"(?!\d)", re.I)
_OTHERS = re.compile(
    r"(?:https?:)?//(?:www\.)?(?:"
    r"truthsocial\.com/(?:users/|@)(?P<truth>\w{1,30})/(?:posts/|statuses/)?\d{5,20}"
    r"|t\.me/(?:s/)?(?P<telegram>\w{3,40})/\d{1,12}"
    r"|bsky\.app/profile/(?P<bluesky>[\w.:-]{3,100})/post/\w{5,30}"
    r"|threads\.(?:net|com)/@(?P<threads>[\w.]{1,40})/post/[\w-]{5,30}"
    r"|instagram\.com/(?:p|reel)/[\w-]{5,30}"
    r"|tiktok\.com/@(?P<tiktok>[\w.]{1,40})/video/\d{5,25}"
    r"|[a-z0-9.-]{4,60}/(?:users/|@)(?P<mastodon>\w{1,40})/(?:statuses/)?\d{15,20}"
    r")(?![\w])",
    re.I,
)


@dataclass(frozen=True)
class Post:
    """A social-media post embedded in an article."""

    handle: str  # without @; empty where it is not known
    author: str
    text: str  # empty where only its address is known, and where it stands unseparated inside a paragraph
    posted_at: datetime | None  # aware, UTC; of a printed day its midnight
    precision: str = "day"
    post_id: str | None = None  # of X
    url: str | None = None
    inline: bool = False  # it stands in the body, unseparated

    @property
    def signature(self) -> str:
        """As posts are laid out in ``full_text``; ``post_signatures`` reads it, ``post_ids`` the number in it."""
        name = f"— {self.author or self.handle} (@{self.handle})" if self.handle else f"— {self.author}".strip("— ")
        day_utc = f"{self.posted_at:%B} {self.posted_at.day}, {self.posted_at.year:04}" if self.posted_at else None
        return " ".join(filter(None, (name, day_utc, self.url)))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a post stands."""

    handle: str  # empty where the address names none
    url: str
    post_id: str | None = None  # of X


def address(url: str) -> Address | None:
    """The post that ``url`` is of, for X without what follows its number; None for anything else."""
    url = url.strip()[:400]
    match = _X_ADDRESS.match(url)
    if match:
        return x_address(match["id"], match["handle"])
    match = _OTHERS.match(url)
    if match:
        handle = next(filter(None, match.groups()), "")
        return Address(handle, "https:" + match[0] if match[0].startswith("//") else match[0])
    return None


def x_address(post_id: str, handle: str = "") -> Address:
    named = "" if handle.lower() in ("i", "i/web") else handle
    return Address(named, f"https://x.com/{named or 'i'}/status/{post_id}", post_id)


def time_of(post_id: str) -> datetime | None:
    """When the X post of this number was posted; None for numbers that hold no time."""
    number = int(post_id) if re.fullmatch(r"[0-9]{1,19}", post_id) else 0
    if not _FIRST_SNOWFLAKE <= number < 1 << 63:
        return None
    return _EPOCH + timedelta(milliseconds=(number >> 22) + _SNOWFLAKE_EPOCH_MS)


def dated(found: Address | None, printed: datetime | None) -> tuple[datetime | None, str, str | None]:
    """A post's time, its precision, and what to tell where the day printed beside it is another one.

    The number's time wins. Printed days are in the zone of whoever embedded the post: one day off is no conflict.
    """
    at = time_of(found.post_id) if found and found.post_id else None
    if at is None:
        return printed, "day", None
    if printed is not None and abs((at.date() - printed.date()).days) > 1:
        return at, "second", f"post {found.post_id}: {printed:%Y-%m-%d}, by its number {at:%Y-%m-%d}"
    return at, "second", None


# As text ----------------------------------------------------------------------------------------------------

PRINTED_DAY = re.compile(rf"(?P<month>{MONTH}) (?P<day>\d{{1,2}}), (?P<year>\d{{4}})(?!\d)")
_BEHIND = _X.replace("<handle>", "<of>") + r"(?:\?[^\s)]{0,200})?"  # also as Markdown links a day to its post
_HANDLE_AND_DAY = re.compile(
    rf"\(@(?P<handle>\w{{1,30}})\) \[?{PRINTED_DAY.pattern}(?:\]?\(?\s?(?P<url>{_BEHIND})\)?)?"
)
_DASH = re.compile(r"(?:—|–|--|&mdash;) ?(?P<author>[^—–\n()]{1,80})$")


@dataclass(frozen=True, slots=True)
class Signature:
    """How an embedded post ends: ``— Name (@handle) March 28, 2025``, and its address where that follows."""

    start: int
    end: int
    author: str
    handle: str
    posted_at: datetime  # midnight UTC of the day printed
    post_id: str | None = None  # of X


def post_signatures(text: str) -> Iterator[Signature]:
    """Every signature of an embedded post in ``text``, in order."""
    for match in _HANDLE_AND_DAY.finditer(text):
        begin = max(0, match.start() - 90)
        dash = _DASH.search(text[begin : match.start()])
        posted_at = printed_day(match)
        if dash and dash["author"].strip() and posted_at:
            author = dash["author"].strip()
            yield Signature(begin + dash.start(), match.end(), author, match["handle"], posted_at, match["id"])


def printed_day(match: re.Match[str]) -> datetime | None:
    """Midnight UTC of the day that ``PRINTED_DAY`` found."""
    return day(int(match["year"]), match["month"], int(match["day"]))


def post_ids(text: str) -> tuple[str, ...]:
    """The numbers of all X posts whose address stands in ``text``, each once, in order."""
    return tuple(dict.fromkeys(match["id"] for match in _X_ADDRESS.finditer(text)))

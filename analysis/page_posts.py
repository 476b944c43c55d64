"""Social-media posts embedded in a web page: found, read, and taken out of its text.

Pure. Posts of X as its own script, AMP, React, WordPress and saved pages embed them
(https://developer.x.com/en/docs/x-for-websites/embedded-posts); those of other networks by the marks that their embed
codes carry. A post that is embedded twice is told once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from analysis.page_text import inner_text, is_elsewhere, outermost, remove
from analysis.posts import PRINTED_DAY, Address, Post, address, dated, printed_day, x_address

_EMBED = re.compile(
    r"(?:^|\s)(?:twitter-(?:tweet|video)(?:-rendered)?|react-tweet-theme|react-tweet|static-tweet|tweet-embed|embedded-tweet"
    r"|instagram-media|tiktok-embed|fb-post|fb-video|reddit-embed-bq|reddit-card|text-post-media|bluesky-embed"
    r"|mastodon-embed|truthsocial-embed|truth-social-embed|tgme_widget_message)(?=\s|$)"
)
_NUMBERS = ("data-tweet-id", "data-tweetid", "tweet-id", "tweetid")
_ADDRESSES = ("data-instgrm-permalink", "data-text-post-permalink", "data-href", "cite", "src", "data-src")
_SIGNED = re.compile(r"(?:—|–|--)\s*(?P<author>[^\n—]{0,80}?)\s*\(@(?P<handle>[\w.:-]{1,100})\)")
_ALONE = frozenset({"p", "div", "figure", "blockquote", "center"})


def take_posts(tree: HtmlElement) -> tuple[tuple[Post, ...], tuple[str, ...]]:
    """The posts of the page's article in their order, and times of theirs that disagree; the page is left without."""
    found: dict[object, Post] = {}
    conflicts: list[str] = []
    embeds = list(outermost(_embeds(tree)))
    for element in embeds:
        post, conflict = _post(element)
        if post is None or is_elsewhere(element):
            continue
        key = post.post_id or post.url or (post.handle, post.text)
        if key not in found or (post.text and not found[key].text):
            found[key] = post
        if conflict:
            conflicts.append(conflict)
    remove(tree, embeds)
    return tuple(found.values()), tuple(dict.fromkeys(conflicts))


def _embeds(tree: HtmlElement) -> Iterator[HtmlElement]:
    for element in tree.iter(etree.Element):
        if element.tag in ("html", "body", "head", "article", "main"):
            continue
        if (
            _EMBED.search(element.get("class") or "")
            or any(element.get(name) for name in _NUMBERS)
            or element.get("data-telegram-post")
            or element.get("data-bluesky-uri")
            or (element.tag in ("iframe", "amp-iframe") and _framed(element) is not None)
            or _is_link_alone(element)
        ):
            yield element


def _is_link_alone(element: HtmlElement) -> bool:
    """A block that holds nothing but the address of a post, or a link to one."""
    if element.tag not in _ALONE or len(element) > 1:
        return False
    text = (element.text or "").strip()
    if len(element) == 0:
        return len(text) < 400 and len(text.split()) == 1 and address(text) is not None
    inner = element[0]
    alone = inner.tag == "a" and len(inner) == 0 and not text and not (inner.tail or "").strip()
    return alone and address(inner.get("href") or "") is not None


def _framed(element: HtmlElement) -> Address | None:
    """The post that an ``iframe`` shows."""
    try:
        parts = urlsplit(element.get("src") or element.get("data-src") or "")
        host, query = parts.hostname or "", parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    if host == "platform.twitter.com" and "id" in query:
        return x_address(query["id"][0]) if re.fullmatch(r"[0-9]{1,19}", query["id"][0]) else None
    if host == "twitframe.com" and "url" in query:
        return address(query["url"][0])
    return address(parts.geturl().removesuffix("/embed"))


def _post(element: HtmlElement) -> tuple[Post | None, str | None]:
    """What an embed holds, and its times where they disagree; None where it names nothing that could be found again."""
    whole = inner_text(element)[:20_000]
    signed = None
    for signed in _SIGNED.finditer(whole):  # noqa: B007 - the last one: a post may quote another
        pass
    at = _address(element, last=signed is not None)
    if signed:
        text, author, handle = whole[: signed.start()].rstrip(), signed["author"], signed["handle"]
        printed = PRINTED_DAY.search(whole, signed.end(), signed.end() + 60)
        day = printed_day(printed) if printed else None
    else:
        said = element.find(".//*[@lang]")
        text = inner_text(said if said is not None else element)[:20_000]
        text = "" if said is None and (at is None or at.post_id or address(text)) else text
        author, handle, day = "", at.handle if at else "", None
    posted_at, precision, conflict = dated(at, day)
    if posted_at is None and (stated := _stated(element)):
        posted_at, precision = stated, "second"
    if at is None and not (text and handle):
        return None, None
    handle = handle or (at.handle if at else "")
    post = Post(handle, author, text, posted_at, precision, at.post_id if at else None, at.url if at else None)
    return post, conflict


def _address(element: HtmlElement, last: bool) -> Address | None:
    links = [one for one in (address(a.get("href") or "") for a in element.iter("a")) if one]
    for name in _NUMBERS:
        number = (element.get(name) or "").strip()
        if re.fullmatch(r"[0-9]{1,19}", number):
            return next((one for one in links if one.post_id == number), None) or x_address(number)
    telegram, bluesky = element.get("data-telegram-post"), element.get("data-bluesky-uri")
    if telegram:
        return address(f"https://t.me/{telegram}")
    if bluesky:
        return address(bluesky.replace("at://", "https://bsky.app/profile/").replace("/app.bsky.feed.post/", "/post/"))
    if element.tag in ("iframe", "amp-iframe"):
        return _framed(element)
    stated = (address(element.get(name) or "") for name in _ADDRESSES)
    shown = links[-1 if last else 0] if links else address(element.text or "")
    return shown or next(filter(None, stated), None)


def _stated(element: HtmlElement) -> datetime | None:
    for time in element.iter("time"):
        try:
            at = datetime.fromisoformat((time.get("datetime") or "").strip())
            if at.tzinfo is not None:
                return at.astimezone(UTC).replace(microsecond=0)
        except (ValueError, OverflowError):
            continue
    return None

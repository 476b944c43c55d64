"""CryptoPanic: headlines of many publishers, gathered and linked. Paid plans only since 2026-04-01.

https://cryptopanic.com/developers/api/ describes v2; the key goes into ``auth_token`` (``Transport`` adds it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urljoin, urlsplit

from connectors.answers import excerpt, read_json
from connectors.dates import read_date
from connectors.errors import BadAnswer, Refused, for_status
from connectors.plain_text import plain_text
from connectors.records import Article, Limits, Page, Reject, Request, Window
from connectors.urls import canonical_url, one_per_address

SITE = "https://cryptopanic.com"
SECRET = "auth_token"  # its name in the addresses of next pages, where it must not stay
_TOO_OFTEN = re.compile(r"rate limit|too many|quota|throttl", re.I)


class CryptoPanic:
    """Posts, newest first, back to the window's start.

    ``url`` is the publisher's own address where the plan gives it (``original_url``), else CryptoPanic's page of the
    post; ``publisher`` the source's name. ``published_at`` is what CryptoPanic states, in UTC. ``first_seen_at`` is
    left to the store. ``plan`` is the path's part ("growth", "enterprise"), ``currencies`` a list such as "BTC,ETH".
    """

    record = Article
    limits = Limits(min_interval_s=1.0, max_pages=20, max_bytes=5_000_000)
    needs_key = "CRYPTOPANIC_API_KEY"
    untrusted = True

    def __init__(
        self, source: str = "cryptopanic", plan: str = "growth", currencies: str = "", cadence_s: float = 900.0
    ) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", plan):
            raise ValueError(f"a CryptoPanic plan is a word such as 'growth', not {plan!r}")
        self.source, self.currencies, self.cadence_s = source, currencies, cadence_s
        self.url = f"{SITE}/api/{plan}/v2/posts/"

    def first(self, window: Window) -> Request:
        params = {"public": "true", "kind": "news"}
        if self.currencies:
            params["currencies"] = self.currencies
        return Request(self.url, asked_at=window.end, params=params, state={"start": window.start.isoformat()})

    def parse(self, request: Request, body: bytes) -> Page[Article]:
        """Raises ``BadAnswer``, or what an error inside a 200 means (``RateLimited``, ``Refused``)."""
        answer = read_json(request.url, body)
        posts = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(posts, list):
            raise _named_error(request.url, answer)
        rejects: list[Reject] = []
        all_of_them = [a for post in posts if (a := self._article(post, request.asked_at, rejects))]
        times = [article.published_at for article in all_of_them if article.published_at]
        start = datetime.fromisoformat(str(request.state["start"]))
        following = None
        if posts and answer.get("next") and (not times or times[-1] >= start):
            following = _following(request, answer["next"], rejects)
        articles, repeated = one_per_address(all_of_them)
        return Page(articles, (*rejects, *repeated), following)

    def _article(self, post: object, now: datetime, rejects: list[Reject]) -> Article | None:
        post = post if isinstance(post, dict) else {}
        title, url = plain_text(post.get("title")), _address(post)
        named = excerpt(f"{title or ''} {url or post.get('url') or ''}".strip() or post)
        if title is None or url is None:
            rejects.append(Reject("item without title" if title is None else "item without link", named))
            return None
        date = post.get("published_at")
        published = read_date(date, now) if isinstance(date, str) else None
        if published is None and date is not None:
            rejects.append(Reject("date not understood", excerpt(f"{date} | {named}")))
        source = post.get("source") if isinstance(post.get("source"), dict) else {}
        return Article(
            source=self.source,
            publisher=plain_text(source.get("title")) or plain_text(source.get("domain")) or urlsplit(url).netloc,
            url=url,
            title=title,
            summary=plain_text(post.get("description")) or plain_text(post.get("body")),
            author=plain_text(post.get("author")),
            language=plain_text(source.get("region")),
            published_at=published[0] if published else None,
            published_precision=published[1] if published else None,
        )


def _address(post: Mapping[str, object]) -> str | None:
    for name in ("original_url", "url"):
        link = post.get(name)
        try:
            if isinstance(link, str) and link.strip():
                url = canonical_url(urljoin(SITE, link.strip()))
                url.encode()
                return url
        except ValueError:
            continue
    return None


def _following(request: Request, link: object, rejects: list[Reject]) -> Request | None:
    """The next page at this same address, without the key that its link carries."""
    try:
        parts, ours = urlsplit(link if isinstance(link, str) else ""), urlsplit(request.url)
        same = (parts.scheme, parts.netloc.lower(), parts.path.lower()) == ("https", ours.netloc, ours.path)
    except ValueError:
        same = False
    if not same:
        left = str(link).partition("?")[0]  # what follows may hold the key
        rejects.append(Reject("next page is at another address, not followed", excerpt(left)))
        return None
    params = {name: value for name, value in parse_qsl(parts.query) if name.lower() != SECRET}
    return Request(request.url, request.asked_at, params={**request.params, **params}, state=request.state)


def _named_error(url: str, answer: object) -> Exception:
    """``{"status": "api_error", "info": text}``, as the documentation shows errors, whatever the HTTP status."""
    info = answer.get("info") or answer.get("detail") if isinstance(answer, dict) else None
    if not isinstance(info, str):
        # names only: what "next" holds carries the key
        held = ", ".join(map(str, answer)) if isinstance(answer, dict) else type(answer).__name__
        return BadAnswer(f'{url} answered JSON without a list of "results": {excerpt(held)}')
    if _TOO_OFTEN.search(info):
        return for_status(429, url, said=excerpt(info)) or BadAnswer(info)
    return Refused(f'{url} refused. It said: "{excerpt(info)}". Check {CryptoPanic.needs_key} and the plan.')

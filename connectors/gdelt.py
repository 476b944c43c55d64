"""GDELT's DOC 2.0 API: news articles of the whole web that match a query.

https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/ (keyless; 250 articles an answer, no cursor).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.answers import excerpt, read_json
from connectors.errors import BadAnswer, Refused, for_status
from connectors.plain_text import plain_text
from connectors.records import Article, Limits, Page, Reject, Request, Window
from connectors.urls import canonical_url, one_per_address

URL = "https://api.gdeltproject.org/api/v2/doc/doc"
MOST = 250  # articles an answer
SECOND = timedelta(seconds=1)
_TOO_OFTEN = re.compile(r"limit requests to one every|too many requests|rate limit", re.I)
_ESCAPE = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})|\\|[\x00-\x1f]')
#: GDELT names languages in English; ISO 639-1 of those it translates. Another name stays as it is.
LANGUAGES = {
    "Afrikaans": "af", "Albanian": "sq", "Arabic": "ar", "Armenian": "hy", "Azerbaijani": "az", "Basque": "eu",
    "Bengali": "bn", "Bosnian": "bs", "Bulgarian": "bg", "Catalan": "ca", "Chinese": "zh", "Croatian": "hr",
    "Czech": "cs", "Danish": "da", "Dutch": "nl", "English": "en", "Estonian": "et", "Finnish": "fi", "French": "fr",
    "Galician": "gl", "Georgian": "ka", "German": "de", "Greek": "el", "Gujarati": "gu", "Hebrew": "he",
    "Hindi": "hi", "Hungarian": "hu", "Icelandic": "is", "Indonesian": "id", "Italian": "it", "Japanese": "ja",
    "Kannada": "kn", "Kazakh": "kk", "Korean": "ko", "Latvian": "lv", "Lithuanian": "lt", "Macedonian": "mk",
    "Malay": "ms", "Malayalam": "ml", "Marathi": "mr", "Mongolian": "mn", "Nepali": "ne", "Norwegian": "no",
    "Persian": "fa", "Polish": "pl", "Portuguese": "pt", "Punjabi": "pa", "Romanian": "ro", "Russian": "ru",
    "Serbian": "sr", "Sinhalese": "si", "Slovak": "sk", "Slovenian": "sl", "Somali": "so", "Spanish": "es",
    "Swahili": "sw", "Swedish": "sv", "Tamil": "ta", "Telugu": "te", "Thai": "th", "Tibetan": "bo", "Turkish": "tr",
    "Ukrainian": "uk", "Urdu": "ur", "Vietnamese": "vi",
}  # fmt: skip


class Gdelt:
    """Articles by GDELT's query language: ``(bitcoin OR crypto) sourcelang:english``, ``domainis:coindesk.com``.

    GDELT states when it saw an article (``seendate``, UTC), not when it was published: ``indexed_at`` is that,
    ``published_at`` None. ``publisher`` is the site's domain, ``language`` a two-letter code where known.
    ``first_seen_at`` is left to the store, since a window may lie long before the asking.

    Answers come oldest first. A full one may have left some out, so the next question begins one second before the
    last article of this one; articles of that edge come twice. GDELT sees in rounds of 15 minutes: where one moment
    alone has 250 or more, the rest of them cannot be had, and a reject says so.
    """

    record = Article
    limits = Limits(min_interval_s=5.5, max_pages=500, max_bytes=5_000_000)  # "one every 5 seconds"
    untrusted = True

    def __init__(self, source: str, query: str, cadence_s: float = 900.0) -> None:
        if not query.strip():
            raise ValueError("GDELT needs a query, such as '(bitcoin OR cryptocurrency) sourcelang:english'")
        self.source, self.query, self.cadence_s = source, query.strip(), cadence_s

    def first(self, window: Window) -> Request:
        params = {
            "query": self.query,
            "mode": "artlist",
            "format": "json",
            "maxrecords": str(MOST),
            "sort": "dateasc",
            # Whether GDELT counts the ends of its span is not documented: a second more costs nothing.
            "STARTDATETIME": _stamp(window.start - SECOND),
            "ENDDATETIME": _stamp(window.end),
        }
        return Request(URL, asked_at=window.end, params=params)

    def parse(self, request: Request, body: bytes) -> Page[Article]:
        """Raises ``RateLimited``, ``Refused`` with what GDELT says of the query, or ``BadAnswer``."""
        answer, rejects = _read(request.url, body)
        rows = answer.get("articles", [])
        if not isinstance(rows, list) or (answer and "articles" not in answer):
            raise BadAnswer(f'{request.url} answered JSON without a list of "articles": {excerpt(answer)}')
        articles, repeated = one_per_address(a for row in rows if (a := self._article(row, rejects)))
        following = _following(request, rows, rejects) if len(rows) >= MOST else None
        return Page(articles, (*rejects, *repeated), following)

    def _article(self, row: object, rejects: list[Reject]) -> Article | None:
        row = row if isinstance(row, dict) else {}
        title, link = plain_text(row.get("title")), row.get("url")
        try:
            url = canonical_url(link if isinstance(link, str) else "")
            url.encode()
        except ValueError:
            rejects.append(Reject("link is not an http or https address", excerpt(f"{title or ''} {link or ''}")))
            return None
        if title is None:
            rejects.append(Reject("item without title", excerpt(url)))
            return None
        seen = _seen(row)
        if seen is None:
            rejects.append(Reject("seendate not understood", excerpt(f"{row.get('seendate')} | {title} {url}")))
        language = plain_text(row.get("language"))
        return Article(
            source=self.source,
            publisher=plain_text(row.get("domain")) or url.split("/")[2],
            url=url,
            title=title,
            language=LANGUAGES.get(language, language) if language else None,
            indexed_at=seen,
        )


def _following(request: Request, rows: list[object], rejects: list[Reject]) -> Request | None:
    """The question for what a full answer has left out; None where it reaches the window's end."""
    times = [seen for row in rows if isinstance(row, dict) and (seen := _seen(row))]
    if not times:
        raise BadAnswer(f"{request.url} answered {len(rows)} articles without a time that can be read.")
    if times != sorted(times):
        rejects.append(Reject("not in the order asked, articles may be missing", f"{times[0]} to {times[-1]}"))
    first, last = min(times), max(times)
    if first == last:
        rejects.append(Reject(f"{MOST} articles or more in one moment, others left out", last.isoformat()))
        start = last + SECOND
    else:
        start = last - SECOND if last - SECOND > first else last
    start = max(start, _instant(request.params["STARTDATETIME"]) + SECOND)  # whatever came, go on
    if start > _instant(request.params["ENDDATETIME"]):
        return None
    return replace(request, params={**request.params, "STARTDATETIME": _stamp(start)})


def _read(url: str, body: bytes) -> tuple[Mapping[str, object], list[Reject]]:
    rejects: list[Reject] = []
    try:
        answer = read_json(url, body)
    except BadAnswer as error:
        text = body.decode("utf-8", "replace").strip()
        if not text.startswith("{"):
            _raise_prose(url, text)
            raise
        try:
            answer = json.loads(_ESCAPE.sub(_repair, text))
        except (ValueError, RecursionError):
            raise error from None
        near = max(0, getattr(error.__cause__, "pos", 0) - 80)
        rejects.append(Reject("answer is not quite JSON, read with repairs", excerpt(text[near : near + 160])))
    if not isinstance(answer, dict):
        raise BadAnswer(f"{url} answered JSON that is no list of articles: {excerpt(answer)}")
    return answer, rejects


def _raise_prose(url: str, text: str) -> None:
    """GDELT says in a sentence, with status 200, that it is asked too often or what is wrong with a query."""
    if not text[:1].isalpha() or not all(c.isprintable() or c.isspace() for c in text[:1000]):
        return
    if _TOO_OFTEN.search(text[:1000]):
        raise for_status(429, url, said=excerpt(text)) or BadAnswer(text)
    raise Refused(f'{url} refused the question. It said: "{excerpt(text)}".')


def _repair(match: re.Match[str]) -> str:
    """A backslash that escapes nothing goes, a control character becomes a space."""
    return match[0] if match[1] else "" if match[0] == "\\" else " "


def _seen(row: Mapping[str, object]) -> datetime | None:
    value = row.get("seendate")
    try:
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if isinstance(value, str) else None
    except ValueError:
        return None


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def _instant(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

"""CSV by address: what pages show, saved views and whole tables, for spreadsheets and scripts. No Streamlit.

``GET /export/<name>.csv?<the page's query>``, ``/export/view/<saved view>/<name>.csv`` and
``/export/table/<table>.csv?known=…&where=…`` answer with CSV, or with a status and one sentence, never with a page.
Nothing is read for an answer that the caller has already (``If-None-Match``). ``/export/pack/<token>/<name>.zip`` is a
file that a page made for the one who asked for it, for a few minutes.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain
from urllib.parse import parse_qs, quote, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
MOST_QUERY = 8_000
TABLE_NAMES = ("known", "where")

#: Files that pages made, and for how long they are kept.
MOST_PACKS = 8
PACK_S = 600
_packs: OrderedDict[str, tuple[float, str, bytes]] = OrderedDict()
_lock = threading.Lock()

Query = dict[str, list[str]]


class _Refused(Exception):
    """A status and a sentence instead of a CSV."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def allowed(request: Request) -> bool:
    """Whether whoever asks may see what the pages show: who may see the pages. Everybody, until there is a sign-in."""
    return True


def answer(request: Request) -> Response:
    """``GET /export/…``: every address there is and is not."""
    try:
        return _csv(request)
    except _Refused as refused:
        return PlainTextResponse(str(refused), refused.status, HEADERS)


def _csv(request: Request) -> Response:
    from data.home import resolve
    from data.lake import Lake, LakeError

    if not allowed(request):
        raise _Refused(403, "Sign in to read this.")
    if len(request.url.query) > MOST_QUERY:
        raise _Refused(400, f"The address is too long: {MOST_QUERY:,} characters are read after the question mark.")
    asked = request.path_params["asked"]
    if asked.startswith("pack/"):
        return _pack(asked.split("/")[1])
    if not asked.endswith(".csv"):
        raise _Refused(404, "There is nothing at this address. Tables end in .csv: /export/stories.csv.")
    query: Query = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name, []).append(value)
    try:
        snapshot = Lake(resolve()).pin()
    except LakeError as error:  # its message names places on this machine
        raise _Refused(503, f"No data can be read here now ({type(error).__name__}).") from error
    tag = _tag(snapshot.id, asked, query)
    headers = {**HEADERS, "ETag": tag}
    if tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    lines = _lines(snapshot, asked.removesuffix(".csv"), query)
    first = next(lines)  # what can be wrong with an address is wrong by now
    name = f"newstape-{asked.removesuffix('.csv').removeprefix('table/').removeprefix('view/').replace('/', '-')}.csv"
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
    headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    body = iter(()) if request.method == "HEAD" else chain([first], lines)
    return StreamingResponse(body, 200, headers, "text/csv")


def address(name: str, query: Query, base_path: str = "") -> str:
    """Where a table is answered. ``base_path``: as ``server.baseUrlPath`` has it."""
    return f"{_prefix(base_path)}/export/{name}.csv?{urlencode(query, doseq=True)}"


def _prefix(base_path: str) -> str:
    path = base_path.strip("/")
    return f"/{path}" if path else ""


def offer(name: str, content: bytes, base_path: str = "") -> str:
    """Keep a file that a page made until it is fetched, and its address; of the newest ``MOST_PACKS``, for ten minutes.

    ``name``: plain ASCII. ``base_path``: as ``server.baseUrlPath`` has it. Who knows the address may fetch it.
    """
    token = secrets.token_urlsafe(16)
    with _lock:
        _packs[token] = (time.monotonic(), name, content)
        while len(_packs) > MOST_PACKS:
            _packs.popitem(last=False)
    return f"{_prefix(base_path)}/export/pack/{token}/{name}"


def _pack(token: str) -> Response:
    with _lock:
        for old in [key for key, (at, _, _) in _packs.items() if time.monotonic() - at > PACK_S]:
            del _packs[old]
        held = _packs.get(token)
    if held is None:
        raise _Refused(404, "This file is no longer kept: make it again on the page.")
    _, name, content = held
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, "application/zip")


def _lines(snapshot, asked: str, query: Query) -> Iterator[str]:
    kind, _, name = asked.partition("/")
    if name and kind == "table":
        return _table(snapshot, name, query)
    if name and kind == "view":
        saved, _, name = name.rpartition("/")
        return _view_table(snapshot, name, {**_saved(snapshot, saved), **query})
    return _view_table(snapshot, asked, query)


def _view_table(snapshot, name: str, query: Query) -> Iterator[str]:
    from data.export import csv_lines
    from data.reading import Reading
    from data.view_tables import VIEW_TABLES, BadAddress, table

    if name not in VIEW_TABLES:
        raise _Refused(404, f"There is no table {name[:60]}. There are: {', '.join(VIEW_TABLES)}.")
    try:
        return csv_lines(table(Reading(snapshot), name, query))
    except BadAddress as error:
        raise _Refused(400, str(error)) from error


def _table(snapshot, given: str, query: Query) -> Iterator[str]:
    from data import queries
    from data.export import csv_of
    from data.tables import TABLES
    from data.view import clock

    name = given.replace("-", "_")
    if name not in TABLES:
        raise _Refused(404, f"There is no table {given[:60]}. There are: {', '.join(sorted(TABLES))}.")
    for part in query:
        if part not in TABLE_NAMES:
            raise _Refused(400, f"An address of a table has no part {part[:60]}; it reads: {', '.join(TABLE_NAMES)}.")
    where = query.get("where", [""])[-1] or None
    try:
        known_at = clock(query["known"][-1]) if query.get("known", [""])[-1] else None
    except ValueError as error:
        raise _Refused(
            400, f"The address says known={query['known'][-1][:40]}, which cannot be used: {error}."
        ) from error
    try:
        if where:
            queries.refuse_costly(where)
        lines = csv_of(queries.exported(snapshot, name, where or None, known_at))
        return chain([next(lines)], lines)
    except ValueError as error:
        raise _Refused(400, str(error).replace("--where", "where")) from error


def _saved(snapshot, name: str) -> Query:
    """The query of a saved view, by its name or id."""
    from data import queries

    views = queries.saved_views(snapshot)
    found = views[(views["name"] == name) | (views["view_id"] == name)]
    if found.empty:
        raise _Refused(404, f"There is no saved view “{name[:100]}”.")
    return parse_qs(found.sort_values("created_at")["query"].iloc[-1].removeprefix("?"))


def _tag(snapshot_id: str, asked: str, query: Query) -> str:
    """Names a CSV by all it is made from. Weak: what it is packed with on its way is not part of it."""
    said = repr((version("newstape"), snapshot_id, asked, sorted(query.items())))
    return f'W/"{hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()}"'


def _tags(header: str) -> set[str]:
    given = (tag.strip() for tag in header.split(","))
    return {tag if tag.startswith("W/") else f"W/{tag}" for tag in given if tag}


#: With whatever ``server.baseUrlPath`` puts before it: Streamlit mounts an app's own routes at the root.
ROUTES = [Route("/{base:path}export/{asked:path}", answer, methods=["GET"])]

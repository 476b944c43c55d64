"""What is put into the head of every page, and what is left alone."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from dashboard.page_head import PARTS, PageHead, head

PAGE = "<html><head><title>x</title></head><body>é</body></html>"
AS_A_BROWSER = {"accept": "text/html,*/*", "if-none-match": "old", "accept-encoding": "gzip"}


class Client:
    """An app that has the middleware; ``asked`` is what its page was asked with last."""

    def __init__(self) -> None:
        routes = [
            Route("/", self.page),
            Route("/saved", lambda _: HTMLResponse(PAGE, headers={"content-disposition": "attachment"})),
            Route("/text", lambda _: PlainTextResponse("</head>")),
            Route("/gone", lambda _: HTMLResponse(PAGE, status_code=404)),
        ]
        self.app = Starlette(routes=routes, middleware=[Middleware(PageHead)])
        self.asked: dict[str, str] = {}

    def page(self, request) -> HTMLResponse:
        self.asked = dict(request.headers)
        return HTMLResponse(PAGE, headers={"etag": "old"})

    def get(self, path: str, headers: dict[str, str]) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://here") as client:
                return await client.get(path, headers=headers)

        # In a thread of its own: a browser test before this one leaves its event loop running in the main one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(ask())).result()


def test_a_page_has_it_once_whole_and_uncached() -> None:
    here = Client()
    answer = here.get("/", headers=AS_A_BROWSER)
    assert answer.text == PAGE.replace("</head>", head().decode() + "</head>")
    assert int(answer.headers["content-length"]) == len(answer.content)
    # The file it came from has a tag of its own, which would outlive a new head.
    assert "etag" not in answer.headers
    assert not {"if-none-match", "accept-encoding"} & set(here.asked)


def test_everything_else_is_left_alone() -> None:
    here = Client()
    for path in ("/saved", "/gone"):
        assert here.get(path, headers=AS_A_BROWSER).text == PAGE
    assert here.get("/text", headers=AS_A_BROWSER).text == "</head>"
    assert here.get("/", headers={"accept": "*/*"}).text == PAGE


def test_streamlit_has_the_parts_that_are_named() -> None:
    assert head().decode().count("modulepreload") >= len(PARTS)

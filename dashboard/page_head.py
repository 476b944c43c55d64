"""What a page needs before its first word arrives, put into the head of the HTML that Streamlit serves.

Styles that a script sends come after what they style, and the parts of a page are fetched one by one when they are
first drawn: without this, a page that loads moves under the reader's eyes (docs/accessibility.md has the figures).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Streamlit's files of the widgets that pages have; one it does not have is left out.
PARTS = (
    "Html", "Button", "ButtonGroup", "TextInput", "Selectbox", "Multiselect", "DateInput", "DownloadButton",
    "PageLink", "LinkButton", "BidiComponent", "StreamlitMarkdown", "DataFrame", "TextArea",
)  # fmt: skip
STYLE = """<style>
.stMainBlockContainer.stMainBlockContainer {max-width: none; padding-left: 2rem; padding-right: 2rem}
@media (max-width: 640px) {.stMainBlockContainer.stMainBlockContainer {padding-left: 1rem; padding-right: 1rem}}
.stElementContainer[width$="px"]:has(> [data-testid="stSkeleton"]) {min-height: 4.25rem}
.nt-alert {border-left: 3px solid #d9691a; padding: 0.1rem 0 0.1rem 0.6rem; font-size: 0.9rem; line-height: 1.4;
  overflow-wrap: anywhere}
:is(.stMainBlockContainer, .stMainBlockContainer > div) > .stVerticalBlock
  > .stElementContainer:first-child:has(> [data-testid="stSkeleton"]) {height: 1.46rem; overflow: hidden}
.st-key-range > :first-child {min-width: min(21.375rem, 100%); min-height: 3.9375rem}
.st-key-market_range > :first-child {min-width: min(18.25rem, 100%); min-height: 3.9375rem}
.st-key-search label p {white-space: nowrap; overflow: hidden; text-overflow: ellipsis}
.st-key-tiles > .stElementContainer:has(> [data-testid="stSkeleton"]) {min-height: 15rem}
@media (max-width: 1100px) {
  .st-key-tiles > .stElementContainer:has(> [data-testid="stSkeleton"]) {min-height: 19rem}
  .st-key-below > div > .stHorizontalBlock {flex-direction: column}
  .st-key-below > div > .stHorizontalBlock > .stColumn {width: 100%; flex: 0 0 auto}
  .st-key-beside.st-key-beside {height: auto; overflow: visible}
  :is(.st-key-replay_row, .st-key-controls).stHorizontalBlock {gap: 0.5rem}
  :is(.st-key-replay_row, .st-key-controls) button {padding-inline: 0.6rem}
  :is(.st-key-replay_row, .st-key-controls) [data-testid="stPopoverButton"] {padding-right: 0.9rem}
  :is(.st-key-replay_row, .st-key-controls) kbd,
  :is(.st-key-replay_row, .st-key-controls) [data-testid="stPopoverButton"] > div > div:last-child {display: none}
  .st-key-controls > .st-key-search {flex: 1 1 9rem; min-width: 0}
  .st-key-search label > span, .st-key-search label div {min-width: 0; max-width: 100%}}
@media (max-width: 640px) {
  .st-key-tiles > .stElementContainer:has(> [data-testid="stSkeleton"]) {min-height: 45rem}
  :is(.st-key-range, .st-key-market_range) > :first-child {min-height: 2.375rem; flex: 1 0 100%}
  :is(.st-key-replay_row, .st-key-controls) > .stElementContainer [data-testid="stWidgetLabel"],
  :is(.st-key-preset, .st-key-market_preset) [data-testid="stWidgetLabel"] {
    position: absolute; width: 1px; height: 1px; min-height: 0; overflow: hidden; clip-path: inset(50%)}
  :is(.st-key-replay_row, .st-key-controls) > .stElementContainer[width$="px"]:has(> [data-testid="stSkeleton"]) {
    min-height: 2.5rem}
  .st-key-replay_row > :is([class*="replay_clock"], [class*="replay_zone"]) {
    order: 1; flex: 1 1 9rem; min-width: 0}}
</style>"""


def head() -> bytes:
    """The markup to be added."""
    scripts = Path(find_spec("streamlit").origin).parent / "static/static/js"
    files = [path.name for name in PARTS for path in scripts.glob(f"{name}.*.js")]
    links = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in files)
    return (STYLE + links).encode()


class PageHead:
    """ASGI middleware: adds ``head()`` to every HTML document that is shown, not to one that is saved as a file."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.added = app, head()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return await self.app(scope, receive, send)
        # A page that is written anew has to be sent whole and as it is.
        kept = [(name, value) for name, value in scope["headers"] if name not in _NEGOTIATED]
        start: Message | None = None
        body = b""

        async def told(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    whole = body.replace(b"</head>", self.added + b"</head>", 1)
                    headers = [(name, value) for name, value in start["headers"] if name not in _OF_THE_FILE]
                    await send(start | {"headers": [*headers, (b"content-length", str(len(whole)).encode())]})
                    await send({"type": "http.response.body", "body": whole})

        wanted = scope | {"headers": kept} if _asks_for_a_page(scope) else scope
        return await self.app(wanted, receive, told if wanted is not scope else send)


_NEGOTIATED = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
_OF_THE_FILE = (b"content-length", b"etag", b"last-modified", b"accept-ranges")


def _asks_for_a_page(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _is_page(message: Message) -> bool:
    headers = dict(message["headers"])
    shown = b"content-disposition" not in headers  # a file to be saved stays as it is
    return message["status"] == 200 and headers.get(b"content-type", b"").startswith(b"text/html") and shown

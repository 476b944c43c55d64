"""Runs of open pages one after the other, where each is short: ASGI middleware over Streamlit's websockets.

What a run does holds the interpreter nearly all the time, so runs beside one another only take it from each other:
with 200 sessions open a change of range took 40 ms of processor so, and 29 in turns (docs/benchmarks.md). A run that
takes longer than ``PATIENCE_S``, or waits for a disk, does not keep the others waiting: they go on beside it.
"""

from __future__ import annotations

import asyncio

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE_S = 0.25
#: The message that a run has finished is a few bytes; no longer one is looked into.
_SHORT = 256


class Turns:
    """``at_once``: runs that go on beside one another before the next one waits."""

    def __init__(self, app: ASGIApp, at_once: int = 2) -> None:
        self.app, self._free = app, asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return await self.app(scope, receive, send)
        turn = _Turn(self._free)

        async def heard() -> Message:
            message = await receive()
            if _asks_for_a_run(message):
                await turn.take()
            return message

        async def told(message: Message) -> None:
            await send(message)
            if _has_finished(message):
                turn.give_back()

        try:
            await self.app(scope, heard, told)
        finally:
            turn.give_back()


class _Turn:
    """What a session holds while its run goes on; a run that is asked for meanwhile belongs to it."""

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free = free
        self._until: asyncio.TimerHandle | None = None

    async def take(self) -> None:
        if self._until is None:
            await self._free.acquire()
            self._until = asyncio.get_running_loop().call_later(PATIENCE_S, self.give_back)

    def give_back(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None
            self._free.release()


def _asks_for_a_run(message: Message) -> bool:
    try:
        return BackMsg.FromString(message.get("bytes") or b"").WhichOneof("type") == "rerun_script"
    except DecodeError:  # Streamlit says so itself
        return False


def _has_finished(message: Message) -> bool:
    told = message.get("bytes") or b""
    if not 0 < len(told) < _SHORT:
        return False
    found = ForwardMsg.FromString(told)
    return (
        found.WhichOneof("type") == "script_finished" and found.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )

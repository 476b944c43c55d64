"""Sessions that ask for runs at the same time, as the server's middleware lets them through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard import turns
from dashboard.turns import Turns

RUN, BEAT, BROKEN = BackMsg(), BackMsg(app_heartbeat=True), b"\xff\xff\xff"
RUN.rerun_script.query_string = "from=2025-03-28"
DONE = ForwardMsg(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY).SerializeToString()
EARLY = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN).SerializeToString()


class Session:
    """A websocket: what its browser sends, and what has come through to the app."""

    def __init__(self, middleware: Turns) -> None:
        self.sent: asyncio.Queue = asyncio.Queue()
        self.came: list[bytes] = []
        self.tell: Callable | None = None
        self.task = asyncio.create_task(middleware({"type": "websocket"}, self.sent.get, self._drop))

    async def _drop(self, message: dict) -> None:
        """The browser, which is told."""

    async def asks(self, *messages: BackMsg | bytes) -> None:
        for message in messages:
            content = message if isinstance(message, bytes) else message.SerializeToString()
            await self.sent.put({"type": "websocket.receive", "bytes": content})
        await settle()

    async def leaves(self) -> None:
        await self.sent.put({"type": "websocket.disconnect"})
        await self.task


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def in_order():
    """Run a test's coroutine with a maker of sessions, of which one has its turn at a time."""

    def run(test: Callable[[Callable[[], Session]], Coroutine]) -> None:
        async def whole() -> None:
            sessions: list[Session] = []

            async def app(scope, receive, send) -> None:
                session = sessions[-1]
                session.tell = lambda content: send({"type": "websocket.send", "bytes": content})
                while (message := await receive())["type"] == "websocket.receive":
                    session.came.append(message["bytes"])

            middleware = Turns(app, at_once=1)

            async def make() -> Session:
                sessions.append(Session(middleware))
                await settle()
                return sessions[-1]

            await test(make)

        with ThreadPoolExecutor(1) as thread:  # a browser test before this one leaves its event loop running here
            thread.submit(lambda: asyncio.run(whole())).result()

    return run


def test_a_run_waits_until_the_one_before_it_has_finished(in_order) -> None:
    async def test(make) -> None:
        one, other = await make(), await make()
        await one.asks(RUN)
        await other.asks(RUN)
        assert (len(one.came), len(other.came)) == (1, 0)
        await one.tell(ForwardMsg(page_info_changed={"query_string": "a=b"}).SerializeToString())
        await one.tell(EARLY)
        await settle()
        assert len(other.came) == 0
        await one.tell(DONE)
        await settle()
        assert len(other.came) == 1

    in_order(test)


def test_what_is_no_run_and_a_second_run_of_its_own_do_not_wait(in_order) -> None:
    async def test(make) -> None:
        one, other = await make(), await make()
        await one.asks(RUN, RUN, BEAT)
        await other.asks(BEAT, BROKEN)
        assert (len(one.came), len(other.came)) == (3, 2)

    in_order(test)


def test_a_long_run_and_a_closed_page_keep_nobody(in_order, monkeypatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.05)

    async def test(make) -> None:
        one, other, third = [await make() for _ in range(3)]
        await one.asks(RUN)
        await other.asks(RUN)
        while not other.came:  # the first one's patience ends
            await asyncio.sleep(0.01)
        await one.tell(DONE)  # too late to give a turn back that it no longer has
        monkeypatch.setattr(turns, "PATIENCE_S", 1000)
        await other.tell(DONE)
        await one.asks(RUN)
        await third.asks(RUN)
        assert (len(one.came), len(third.came)) == (2, 0)
        await one.leaves()
        await settle()
        assert len(third.came) == 1

    in_order(test)

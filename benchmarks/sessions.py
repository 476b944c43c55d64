"""Open sessions that each change their range every few seconds, against ``newstape serve``: how long the server takes.

    NEWSTAPE_SHARED=… python benchmarks/sessions.py [--sessions 200] [--every 5] [--minutes 1]

Sessions are websockets that speak Streamlit's own messages, without a browser, in one process beside the server's. A
change is a move of the chart, as the browser sends it, and takes until the server says that the run has finished: its
waiting, its pages and its bytes, all but drawing. The lake is that of ``windows_server.py`` with 200,000 articles, or
``--home``. The reference, in the same run and before it, is as many sessions that press a button which draws one word.

Memory is that of the server's process: over ten minutes and more it must not grow (``--minutes 10``).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import websockets
from browser import free_port, resident_mb, running, streamlit
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from windows_server import RANGES, lakes

ROOT = Path(__file__).parents[1]
SIZE = 200_000
#: Longer than this no answer is waited for.
PATIENCE_S = 60
DAY_MS = 86_400_000
#: As ``streamlit.components.v2`` names the widget by which a component tells what happened.
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{}__events"


@dataclass
class Load:
    """What was measured of one server."""

    name: str
    url: str
    process: subprocess.Popen
    opened_ms: list[float] = field(default_factory=list)
    spent_ms: list[tuple[float, float]] = field(default_factory=list)  # when it was asked (s), and how long it took
    kilobytes: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)  # when (s), MB
    failed: list[str] = field(default_factory=list)
    cpu_s: float = 0.0


class Session:
    """One open page."""

    def __init__(self, load: Load, socket: websockets.ClientConnection, seed: int) -> None:
        self.load, self.socket, self.random = load, socket, random.Random(seed)
        self.query, self.page, self.moves = "", "", 0
        self.widget: tuple[str, str, str] | None = None  # what it is, its id, its fragment

    async def run(self, message: BackMsg) -> float:
        """Ask for a run; returns how many bytes came until it had finished."""
        await self.socket.send(message.SerializeToString())
        size, deadline = 0, time.monotonic() + PATIENCE_S
        while True:
            raw = await asyncio.wait_for(self.socket.recv(), deadline - time.monotonic())
            size += len(raw)
            told = ForwardMsg.FromString(raw)
            kind = told.WhichOneof("type")
            if kind == "delta":
                self._look(told.delta)
            elif kind == "new_session":
                self.page = told.new_session.page_script_hash or self.page
            elif kind == "page_info_changed":
                self.query = told.page_info_changed.query_string
            elif kind == "script_finished" and told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return size

    def _look(self, delta) -> None:
        element = delta.new_element
        match element.WhichOneof("type"):
            case "bidi_component":
                if "newstape_chart" in element.bidi_component.component_name:
                    self.widget = "chart", element.bidi_component.id, delta.fragment_id
            case "button":
                if self.widget is None and element.button.label == "Next":
                    self.widget = "button", element.button.id, delta.fragment_id
            case "exception":
                self.load.failed.append(f"{element.exception.type}: {element.exception.message}"[:200])

    def change(self) -> BackMsg:
        """What the browser sends when the chart was moved, or the button pressed."""
        what, id_, fragment = self.widget
        message = self.asked(fragment)
        widget = message.rerun_script.widget_states.widgets.add()
        if what == "button":
            widget.id, widget.trigger_value = id_, True
            return message
        days, first, last = self.random.choice(list(RANGES.values()))
        low, high = (int(time.mktime(time.strptime(day, "%Y-%m-%d"))) * 1000 for day in (first, last))
        end = self.random.randrange(low, high)
        self.moves += 1
        moved = {"from": end - days * DAY_MS, "to": end, "seen": self.moves}
        widget.id, widget.json_value = id_, "{}"  # a browser tells of every widget each time; this one has no state
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.json_trigger_value = TRIGGER.format(id_), json.dumps([{"event": "range", "value": moved}])
        return message

    def asked(self, fragment: str = "") -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.query, self.page, fragment
        state.context_info.timezone = "UTC"
        return message


async def keep_open(load: Load, seed: int, sessions: int, every_s: float, until: asyncio.Event, ready) -> None:
    """Open a page, wait for the others, then change it until the end."""
    address = load.url.replace("http://", "ws://") + "_stcore/stream"
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None, compression=None) as socket:
        session = Session(load, socket, seed)
        began = time.perf_counter()
        await session.run(session.asked())
        load.opened_ms.append(1000 * (time.perf_counter() - began))
        if session.widget is None:
            raise SystemExit(f"{load.name}: the page has neither chart nor button; {load.failed[:1]}")
        await ready.wait()
        due = time.perf_counter() + every_s * seed / sessions
        while not until.is_set():
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            due = max(due + every_s, time.perf_counter())
            began = time.perf_counter()
            try:
                size = await session.run(session.change())
            except TimeoutError:
                load.failed.append(f"no answer within {PATIENCE_S} s")
                return
            load.spent_ms.append((began, 1000 * (time.perf_counter() - began)))
            load.kilobytes.append(size / 1000)


async def measure(load: Load, sessions: int, every_s: float, minutes: float) -> None:
    until, ready = asyncio.Event(), asyncio.Barrier(sessions + 1)
    first = asyncio.create_task(keep_open(load, 0, sessions, every_s, until, ready))
    tasks = [first]
    await _opened(load, 1, first)  # what is made once is made before the others come
    for seed in range(1, sessions):
        tasks.append(asyncio.create_task(keep_open(load, seed, sessions, every_s, until, ready)))
        if seed % 4 == 0:
            await _opened(load, seed, tasks[-1])
    await _opened(load, sessions, tasks[-1])
    await ready.wait()
    began, before = time.perf_counter(), cpu_s(load.process)
    while (spent := time.perf_counter() - began) < 60 * minutes:
        load.memory.append((spent, resident_mb(load.process)))
        if load.process.poll() is not None:
            raise SystemExit(f"{load.name}: the server ended with {load.process.returncode}")
        await asyncio.sleep(min(10.0, 60 * minutes - spent))
    load.cpu_s = (cpu_s(load.process) - before) / (time.perf_counter() - began)
    load.memory.append((time.perf_counter() - began, resident_mb(load.process)))
    until.set()
    await asyncio.gather(*tasks)


async def _opened(load: Load, count: int, last: asyncio.Task) -> None:
    while len(load.opened_ms) < count:
        if last.done() and last.exception():
            raise last.exception()
        await asyncio.sleep(0.02)


def cpu_s(process: subprocess.Popen) -> float:
    """Processor time of the server so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def printed(load: Load, every_s: float) -> None:
    spent = [ms for _, ms in load.spent_ms]
    cuts = statistics.quantiles(spent, n=100) if len(spent) > 1 else [float("nan")] * 99
    print(
        f"{load.name:34}{len(load.opened_ms):9}{len(spent):9}{statistics.median(load.opened_ms):9.0f}{cuts[49]:8.0f}"
        f"{cuts[94]:8.0f}{cuts[98]:8.0f}{max(spent, default=0):8.0f}{statistics.median(load.kilobytes or [0]):8.0f}"
        f"{load.cpu_s:7.2f}{load.memory[0][1]:8.0f}{load.memory[-1][1]:8.0f}{len(load.failed):8}"
    )
    for told in sorted(set(load.failed))[:3]:
        print(f"    {told}")


def slope(load: Load) -> str:
    """What memory did after the first fifth, in MB a minute, by least squares."""
    later = [(at / 60, mb) for at, mb in load.memory if at >= load.memory[-1][0] / 5]
    if len(later) < 3:
        return "too short to say"
    return f"{statistics.linear_regression(*zip(*later, strict=True)).slope:+.1f} MB a minute"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between changes of a session")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--home", help="a lake; else the one of windows_server.py")
    parser.add_argument("--no-reference", action="store_true")
    asked = parser.parse_args()
    home, loads = asked.home or lakes()[SIZE], []
    if not asked.no_reference:
        with streamlit("a button that draws one word", "empty_rerun.py") as target:
            loads.append(Load(target.name, target.url, target.process))
            asyncio.run(measure(loads[0], asked.sessions, asked.every, min(asked.minutes, 1.0)))
    port = free_port()
    serve = [str(Path(sys.executable).parent / "newstape"), "serve", "--home", home, "--port", str(port)]
    with running(serve, port, "/_stcore/health") as process:
        loads.append(Load("the timeline", f"http://localhost:{port}/", process))
        asyncio.run(measure(loads[-1], asked.sessions, asked.every, asked.minutes))
    print(f"\n{asked.sessions} sessions, a change each {asked.every:g} s; load {os.getloadavg()[0]:.1f}\n")
    heads = "".join(f"{head:>{width}}" for head, width in zip(HEADS, WIDTHS, strict=True))
    print(f"{'':34}{heads}")
    for load in loads:
        printed(load, asked.every)
    print(f"\nmemory of the timeline's server: {slope(loads[-1])}; goal: p95 100 ms, memory that does not grow")


HEADS = ("sessions", "changes", "opened", "p50", "p95", "p99", "most", "kB", "cpus", "MB", "MB end", "failed")
WIDTHS = (9, 9, 9, 8, 8, 8, 8, 8, 7, 8, 8, 8)


if __name__ == "__main__":
    main()

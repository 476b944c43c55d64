"""Range change to painted, first paint, bytes and memory, in headless Chromium beside references in the same run.

Run: ``python benchmarks/browser.py [--rounds 20] [--dash-python PATH] [--home LAKE]``. The timeline is served over the
lake of ``windows_server.py`` with 200,000 articles (made where it is not there), or ``--home``. ``--dash-python`` names
the Python of an environment of its own with ``dash`` and ``plotly-resampler``; without it one is made in a temporary
folder. Every target is asked in turn, in a new order each round; the table gives medians, as the machine may be shared.

*Painted*: the first frame after the last change of the chart, as the page itself sees it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pages.minutes import RANGES
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from windows_server import lakes

ROOT, PAGES = Path(__file__).parents[1], Path(__file__).parent / "pages"
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
FLAGS += " --disable-component-update --disable-sync"
SERVED, OURS, EMPTY, CANDLES, DASH, LINE = (
    "the timeline as it is served",
    "the chart, every panel full",
    "an empty fragment",
    "default st.plotly_chart, 2,000 candles",
    "Dash with plotly-resampler",
    "Streamlit, one bare 2,000-point chart",
)

#: Notes each change of a chart, and the frame after it; ours says itself when it has painted.
WATCH = """() => {
  window.changes = [];
  const painted = (act) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = act;
    port2.postMessage(0);
  });
  const note = () => painted(() => window.changes.push(performance.now()));
  window.addEventListener('newstape-painted', (event) => window.changes.push(event.detail.at));
  const look = (records) => {
    const plot = document.querySelector('.js-plotly-plot .trace');
    if (plot && records.some(({ target }) => target.closest?.('.js-plotly-plot'))) note();
    const text = document.querySelector('[data-testid=stText]');
    if (text && text.innerText !== window.said) {
      window.said = text.innerText;
      note();
    }
  };
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  const start = () => new MutationObserver(look).observe(document, all);
  if (document.documentElement) start();
  else document.addEventListener('readystatechange', start, { once: true });
}"""

#: Ask for another range; answers when nothing has changed for a while: (first, last) painted, ms after asking.
CLICK = "[...document.querySelectorAll('button')].find((b) => b.innerText.trim() === 'Next').click()"
#: Presets in turn: the chart, the fields of the range and the table under it are drawn anew.
PRESET = """{
  const names = ['1M', '1Y', '3M', '5Y', '1W', 'All'];
  window.turns = (window.turns ?? -1) + 1;
  const wanted = names[window.turns % names.length];
  [...document.querySelectorAll('button')].find((b) => b.innerText.trim() === wanted).click();
}"""
CHANGE = """([act, span]) => new Promise((done) => {
  const plot = document.querySelector('.js-plotly-plot');
  const sign = () => {
    const x = document.querySelector('.js-plotly-plot')?._fullData?.[0]?.x;
    return x ? `${x[0]} ${x[1]} ${x.length}` : window.changes.length;
  };
  const before = sign();
  window.changes.length = 0;
  const began = performance.now();
  if (act === 'relayout') Plotly.relayout(plot, { 'xaxis.range[0]': span[0], 'xaxis.range[1]': span[1] });
  else eval(act);
  let changed = null;
  const look = () => {
    if (changed === null && (plot ? sign() !== before : window.changes.length)) changed = performance.now();
    const seen = window.changes.filter((at) => !plot || at >= (changed ?? Infinity) - 20);
    const last = seen.at(-1);
    if (last && performance.now() - last > 700) done([seen[0] - began, last - began]);
    else if (performance.now() - began > 15000) done(null);
    else setTimeout(look, 10);
  };
  look();
})"""


@dataclass
class Target:
    """A page, and what was measured of it."""

    name: str
    url: str
    process: subprocess.Popen | None
    act: str = CLICK
    first_ms: list[float] = field(default_factory=list)
    last_ms: list[float] = field(default_factory=list)
    kilobytes: list[float] = field(default_factory=list)
    opened_ms: list[float] = field(default_factory=list)
    heap_mb: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--first-paints", type=int, default=6)
    parser.add_argument("--dash-python", type=Path)
    parser.add_argument("--home", help="a lake; else the one of windows_server.py with 200,000 articles")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    order = random.Random(options.seed)
    with ExitStack() as stack:
        tuned = ["--runner.postScriptGC", "false", "--server.fileWatcherType", "none"]
        targets = [
            stack.enter_context(served(options.home or lakes()[200_000])),
            stack.enter_context(streamlit(OURS, "whole_chart.py", *tuned)),
            stack.enter_context(streamlit(EMPTY, "empty_rerun.py", *tuned)),
            stack.enter_context(streamlit(CANDLES, "bare_candles.py")),
            stack.enter_context(streamlit(LINE, "bare_line.py")),
            stack.enter_context(dash(options.dash_python)),
        ]
        playwright = stack.enter_context(sync_playwright())
        path = os.environ.get("NEWSTAPE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        measure(browser, targets, order, options.rounds, options.first_paints)
        report(targets)


def measure(browser: Browser, targets: list[Target], order: random.Random, rounds: int, openings: int) -> None:
    for _ in range(openings + 1):
        for target in order.sample(targets, len(targets)):
            page = opened(browser, target)
            target.opened_ms.append(page.evaluate("window.changes[0]"))
            page.context.close()
    pages = {target.name: opened(browser, target) for target in targets if target.name != LINE}
    received = {name: counted(page.context.new_cdp_session(page)) for name, page in pages.items()}
    for turn in range(rounds + 2):
        for target in order.sample([t for t in targets if t.name in pages], len(pages)):
            page = pages[target.name]
            page.bring_to_front()
            before = received[target.name][0]
            span = [datetime.fromtimestamp(s, UTC).strftime("%Y-%m-%d %H:%M") for s in RANGES[turn % len(RANGES)]]
            times = page.evaluate(CHANGE, [target.act, span])
            if times is None:
                print(f"{target.name}: not painted within 15 s", file=sys.stderr)
            elif turn >= 2:  # the first ones load code
                target.first_ms.append(times[0])
                target.last_ms.append(times[1])
                target.kilobytes.append((received[target.name][0] - before) / 1000)
            page.wait_for_timeout(150)
    for target in targets:
        if target.name in pages:
            session = pages[target.name].context.new_cdp_session(pages[target.name])
            session.send("HeapProfiler.collectGarbage")
            target.heap_mb = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6


def opened(browser: Browser, target: Target) -> Page:
    """The page in a browser that has nothing of it yet, painted."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(f"({WATCH})()")
    page.goto(target.url)
    page.wait_for_function("window.changes.length > 0")
    page.wait_for_timeout(1_200)
    return page


def counted(session: CDPSession) -> list[int]:
    """Bytes the page has received so far, by request and by socket."""
    total = [0]

    def frame(event: dict) -> None:
        told = event["response"]
        total[0] += len(told["payloadData"]) * 3 // 4 if told["opcode"] == 2 else len(told["payloadData"])

    def loaded(event: dict) -> None:
        total[0] += int(event["encodedDataLength"])

    session.send("Network.enable")
    session.on("Network.webSocketFrameReceived", frame)
    session.on("Network.loadingFinished", loaded)
    return total


def report(targets: list[Target]) -> None:
    by_name = {target.name: target for target in targets}
    candles, resampler, line = by_name[CANDLES], by_name[DASH], by_name[LINE]
    heads = f"{'n':>3} {'p50 ms':>7} {'p95 ms':>7} {'/plotly':>8} {'/Dash':>6} {'kB':>6} {'RSS MB':>7} {'heap MB':>8}"
    print(f"{'range change to painted':40} {heads}")
    for target in targets:
        if target.last_ms:
            print(
                f"{target.name:40} {len(target.last_ms):3} {median(target.last_ms):7.0f} {p95(target.last_ms):7.0f} "
                f"{ratio(target.last_ms, candles.last_ms):>8} {ratio(target.last_ms, resampler.last_ms):>6} "
                f"{median(target.kilobytes):6.0f} {resident_mb(target.process):7.0f} {target.heap_mb:8.1f}"
            )
    print("\nto the references' first frame with the new data, not their last:")
    for name in (SERVED, OURS):
        mine = by_name[name].last_ms
        print(
            f"{name:40} {ratio(mine, candles.first_ms)} × plotly ({median(candles.first_ms):.0f} ms), "
            f"{ratio(mine, resampler.first_ms)} × Dash ({median(resampler.first_ms):.0f} ms)"
        )
    print(f"\n{'first paint, nothing cached':40} {'n':>3} {'p50 ms':>7} {'/bare':>6}")
    for target in (by_name[SERVED], by_name[OURS], line):
        opened_ms = target.opened_ms[1:]
        print(f"{target.name:40} {len(opened_ms):3} {median(opened_ms):7.0f} {ratio(opened_ms, line.opened_ms[1:]):>6}")


def median(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def ratio(values: list[float], reference: list[float]) -> str:
    return f"{median(values) / median(reference):.2f}" if values and reference else "–"


def resident_mb(process: subprocess.Popen) -> float:
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return float("nan")
    kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1000


@contextmanager
def streamlit(name: str, page: str, *options: str) -> Iterator[Target]:
    port = free_port()
    fixed = ["--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.port", str(port)]
    # From a folder without this project's settings: a reference runs as Streamlit comes.
    command = [sys.executable, "-m", "streamlit", "run", str(PAGES / page), *fixed, *options]
    with running(command, port, "/_stcore/health") as process:
        yield Target(name, f"http://localhost:{port}/", process)


@contextmanager
def served(home: str) -> Iterator[Target]:
    port = free_port()
    command = [str(Path(sys.executable).parent / "newstape"), "serve", "--home", home, "--port", str(port)]
    with running(command, port, "/_stcore/health") as process:
        yield Target(SERVED, f"http://localhost:{port}/", process, PRESET)


@contextmanager
def dash(python: Path | None) -> Iterator[Target]:
    with tempfile.TemporaryDirectory() as folder:
        if python is None:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            python = Path(folder) / "bin" / "python"
            subprocess.run([str(python), "-m", "pip", "install", "-q", "dash", "plotly-resampler"], check=True)
        port = free_port()
        with running([str(python.absolute()), str(PAGES / "dash_resampler.py"), str(port)], port, "/") as process:
            yield Target(DASH, f"http://localhost:{port}/", process, "relayout")


@contextmanager
def running(command: list[str], port: int, probe: str) -> Iterator[subprocess.Popen]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(PAGES)])}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 90
            while True:
                try:
                    urllib.request.urlopen(f"http://localhost:{port}{probe}", timeout=2).close()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        log.seek(0)
                        raise SystemExit(log.read().decode()[-2000:]) from None
                    time.sleep(0.2)
            yield process
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()

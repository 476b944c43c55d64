"""One click on *Evidence pack* in a real browser: the picture it draws comes back in the zip it downloads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from serve_app import Served, _free_port, _wait_until_healthy

from data import manifest, pins
from data.lake import Lake

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def held(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    port, folder = _free_port(), tmp_path_factory.mktemp("evidence")
    home = Path(shutil.copytree(sample_home, folder / "lake"))
    log = (folder / "serve.log").open("w")
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "evidence_page.py"), "--server.port", str(port)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
    environ = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "NEWSTAPE_HOME": str(home)}
    process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_healthy(f"http://localhost:{port}", process, folder / "serve.log")
        yield Served(f"http://localhost:{port}/", home)
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture
def page(browser: Browser, held: Served) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1400}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    assert wrong == []
    context.close()


def _open(page: Page, held: Served, query: str = "") -> None:
    page.goto(held.url + query)
    page.wait_for_selector("[data-testid=stBidiComponentIsolated] .stage")


def test_one_click_hands_over_the_pack_with_the_browsers_picture_and_pins_it(page, held, tmp_path):
    _open(page, held)
    downloads = []
    page.on("download", lambda download: downloads.append(download))
    with page.expect_download() as begun:
        page.get_by_role("button", name="Evidence pack").click()
    path = tmp_path / begun.value.suggested_filename
    begun.value.save_as(path)
    assert path.name == "newstape-BTC-2025-03-20-2025-04-06.zip"
    with zipfile.ZipFile(path) as pack:
        picture = Image.open(BytesIO(pack.read("chart.png")))
        assert picture.width > 500
        assert len(picture.convert("RGB").getcolors(10_000_000)) > 20  # something is drawn
        told = json.loads(pack.read("manifest.json"))
        stories = pack.read("stories.csv")
    assert [pin.versions for pin in pins.pins(str(held.home))] == [told["lake"]["versions"]]
    again = manifest.remake(Lake(str(held.home)), manifest.read(path), tmp_path / "again")
    assert (tmp_path / "again/stories.csv").read_bytes() == stories
    assert len(again) == len(told["tables"])
    # A rerun offers it again and fetches nothing by itself.
    page.get_by_role("button", name="Rerun").click()
    expect(page.get_by_role("link", name=path.name)).to_be_visible()
    page.wait_for_timeout(1_000)
    assert len(downloads) == 1


def test_a_browser_that_draws_no_picture_gets_the_pack_by_a_second_click(page, held, tmp_path):
    _open(page, held, "?picture=never")
    page.get_by_role("button", name="Evidence pack").click()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Evidence pack: drawing the picture …").click()
    begun.value.save_as(tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        assert "chart.png" not in pack.namelist()
        assert "sent no picture" in pack.read("README.txt").decode()

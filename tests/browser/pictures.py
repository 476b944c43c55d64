"""Pictures of pages; with NEWSTAPE_SCREENSHOTS they are written there, for docs/."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page


def picture(
    page: Page, name: str, scheme: str, folder: Path, *, wait_for: str = "[data-testid=stDataFrame] canvas"
) -> None:
    """Write ``name-scheme.png``, and fail where the page is not in that theme or shows an error.

    ``wait_for``: what stands on the page last.
    """
    page.wait_for_selector(wait_for)
    page.wait_for_timeout(1500)  # fonts and canvases have no event to wait for
    folder = Path(os.environ.get("NEWSTAPE_SCREENSHOTS", folder))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}-{scheme}.png"
    page.screenshot(path=target)

    background = Image.open(target).convert("L").getpixel((5, 600))
    assert background > 200 if scheme == "light" else background < 60
    assert page.get_by_text("Traceback").count() == 0

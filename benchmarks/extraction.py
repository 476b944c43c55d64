"""Articles out of web pages, beside trafilatura alone: speed, memory, and what that drops.

    NEWSTAPE_SHARED=… python benchmarks/extraction.py

Reads the recorded pages of ``recordings/articles`` in the shared reference data. Both ways of reading run in processes
of their own, one after the other, over the same bytes; the ratio is of CPU seconds for all pages, best of ``ROUNDS``.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.extract import Extracted

ROUNDS = 5


def pages() -> list[tuple[str, bytes]]:
    folder = Path(os.environ["NEWSTAPE_SHARED"], "recordings/articles")
    return [(path.stem, path.read_bytes()) for path in sorted(folder.glob("*.html"))]


def alone(raw: bytes) -> str:
    import trafilatura

    return trafilatura.extract(raw, favor_precision=True, include_comments=False, include_tables=False) or ""


def whole(raw: bytes) -> Extracted:
    from analysis.extract import from_html

    return from_html(raw, "")


def measure(name: str) -> None:
    """Best CPU seconds for all pages, and peak memory; to standard output."""
    read, held = {"alone": alone, "whole": whole}[name], pages()
    for _, raw in held:
        read(raw)  # imports, and what is compiled on first use
    best = min(_seconds(read, held) for _ in range(ROUNDS))
    print(best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _seconds(read: Callable[[bytes], object], held: list[tuple[str, bytes]]) -> float:
    began = time.process_time()
    for _, raw in held:
        read(raw)
    return time.process_time() - began


def main() -> None:
    held = pages()
    size_mb = sum(len(raw) for _, raw in held) / 1e6
    print(f"{len(held)} pages, {size_mb:.1f} MB, best of {ROUNDS}\n")
    print(f"{'':28}{'pages/s':>9}{'MB/s':>7}{'ratio':>7}{'peak MB':>9}")
    first = None
    for name, title in (("alone", "trafilatura.extract alone"), ("whole", "analysis.extract.from_html")):
        command = [sys.executable, __file__, name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, peak_mb = map(float, done.stdout.split())
        first = first or seconds
        print(f"{title:28}{len(held) / seconds:9.1f}{size_mb / seconds:7.1f}{seconds / first:7.2f}{peak_mb:9.0f}")
    print(
        "\nCharacters of text, alone and of our body. 1/3: of three captions or posts that we keep apart, one stands"
        "\nsomewhere in trafilatura's text. It tells no time of a post, and its own guess at the article's is not used."
    )
    print(f"\n{'page':38}{'alone':>7}{'body':>7}{'captions':>10}{'posts':>7}{'with id':>9}{'time':>7}{'odd times':>11}")
    for name, raw in held:
        _row(name, alone(raw), whole(raw))


def _row(name: str, text: str, found: Extracted) -> None:
    flat = " ".join(text.split())
    captions = sum(caption in flat for caption in found.captions)
    posts = sum(bool(post.text) and post.text.split("\n")[0][:40] in flat for post in found.posts)
    kept = f"{captions}/{len(found.captions)}", f"{posts}/{len(found.posts)}"
    ids = sum(post.post_id is not None for post in found.posts)
    print(
        f"{name:38}{len(text):7,}{len(found.body):7,}{kept[0]:>10}{kept[1]:>7}{ids:9}"
        f"{found.precision or '-':>7}{len(found.date_conflicts):11}"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        main()

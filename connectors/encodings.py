"""Content encodings, unpacked in small steps: a bomb is met by the byte cap before it fills the memory.

``httpx`` unpacks whatever arrived at once, up to a thousandfold.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

STEP = 65_536
#: One layer: encodings in encodings multiply a bomb's ratio. Neither brotli nor zstd is asked for.
ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS


def unpacked(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """``pieces`` of a body as they come, without their ``encoding`` (one of ``ENCODINGS``), ``STEP`` bytes at most.

    ``deflate`` is read with the zlib wrapping that RFC 9110 asks for, and without it, as some servers send
    it. Further gzip members are read too; what follows that is no gzip is padding, and left out. Raises
    ``zlib.error`` for what does not unpack and ``EOFError`` where it is cut short.
    """
    if encoding in ("", "identity"):
        yield from pieces
        return
    inflate = None
    held = b""
    for piece in pieces:
        held += piece
        while held:
            if inflate is None or inflate.eof:
                if len(held) < 2:
                    break  # the first two bytes tell what it is
                if inflate is not None and (encoding == "deflate" or not held.startswith(b"\x1f\x8b")):
                    return
                inflate = zlib.decompressobj(_wrapping(held, encoding))
            yield inflate.decompress(held, STEP)
            held = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    if inflate is not None and not inflate.eof:
        yield inflate.flush()  # the end of a match that did not fit into the last step
    if (held and inflate is None) or (inflate is not None and not inflate.eof):
        raise EOFError("its end is missing")


def _wrapping(start: bytes, encoding: str) -> int:
    if encoding != "deflate":
        return _GZIP
    wrapped = start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0  # RFC 1950, 2.2
    return _ZLIB if wrapped else _RAW

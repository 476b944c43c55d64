"""What the tests of connectors share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from replay import Replay

from connectors.pull import Send
from connectors.transport import Transport


@pytest.fixture
def send(replay: Replay) -> Iterator[Send]:
    """The real transport, asking the replay server, without any key."""
    with Transport(base_url=replay.base_url, environ={}) as transport:
        yield transport.send

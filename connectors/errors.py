"""What can go wrong between a source and us, and the one place that sorts answers into *again* and *never*.

::

    SourceError                  what happened, at which URL, what the person can do
    ├── Transient                the same question may be answered later: pull() asks again
    │   ├── RateLimited          asked too often; ``retry_after_s`` where the source says when
    │   ├── ServerTrouble        5xx: the source's own trouble
    │   └── NoAnswer             no connection, a broken one, or none in time
    └── Fatal                    asking again gives the same answer: pull() stops
        ├── Refused              401, 402, 403, 404, 451, ...: not for us, or not this question
        ├── BadAnswer            answered, but not with what this source is documented to send
        ├── TooBig               more bytes than ``Limits.max_bytes``
        ├── Blocked              we refuse to ask: scheme, redirect, address
        └── Endless              pages go round in circles, or more of them than ``Limits.max_pages``
"""

from __future__ import annotations

from http import HTTPStatus


class SourceError(Exception):
    """A source could not be read. The message is a sentence for a person."""


class Transient(SourceError):
    """Worth asking again."""


class RateLimited(Transient):
    """Asked too often. ``retry_after_s``: seconds the source asks us to wait; None where it does not say."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ServerTrouble(Transient):
    """The source answered that it is in trouble itself."""


class NoAnswer(Transient):
    """No connection, a connection that broke, or no complete answer in time."""


class Fatal(SourceError):
    """Asking again would give the same."""


class Refused(Fatal):
    """The source will not answer this question, or not us."""


class BadAnswer(Fatal):
    """The envelope is unusable: not the format, or not the shape, that this source documents."""


class TooBig(Fatal):
    """The answer is longer than we are willing to hold."""


class Blocked(Fatal):
    """We do not follow where this leads."""


class Endless(Fatal):
    """The pages do not come to an end."""


WHAT_TO_DO = {
    401: "it wants a key, a valid one, or another plan: check the key in the environment",
    402: "it wants a paid plan for this",
    403: "it refuses this network (cloud addresses often are) or wants another plan: try another network",
    404: "nothing lives at this address: the source may have moved",
    410: "this address is gone for good: the source has moved or ended",
    451: "it does not serve this country: use another source of the chain",
}


def for_status(status: int, url: str, *, said: str = "", retry_after_s: float | None = None) -> SourceError | None:
    """The error that an HTTP status means, or None where it means success (2xx).

    ``said`` is what the source wrote beside it, at most a line. Providers that put the status into the
    body of a 200 (CoinGecko) are sorted here too: their parser passes the number it found.
    """
    quoted = f' It said: "{said}".' if said else ""
    match status:
        case _ if 200 <= status < 300:
            return None
        case 429 | 418:  # 418 is Binance's "you kept asking after 429"
            wait = f"in {retry_after_s:.0f} s" if retry_after_s is not None else "in a few minutes"
            return RateLimited(
                f"{url} is asked too often from this address (status {status}); try again {wait}.{quoted}",
                retry_after_s,
            )
        case 408 | 425:
            return NoAnswer(f"{url} gave up waiting for our request (status {status}).{quoted}")
        case _ if 500 <= status < 600:
            return ServerTrouble(f"{url} is in trouble itself ({_named(status)}); try again later.{quoted}")
        case _ if 400 <= status < 500:
            do = WHAT_TO_DO.get(status, "the question itself is not accepted")
            return Refused(f"{url} refused ({_named(status)}): {do}.{quoted}")
    return BadAnswer(f"{url} answered {_named(status)}, which is neither data nor an error.{quoted}")


def _named(status: int) -> str:
    try:
        return f"status {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"

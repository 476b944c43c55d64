"""Every source, a line each in ``sources.toml``, and which of them stand in for each other.

A person extends or changes it with a TOML file of the same shape (docs/add-a-source.md)::

    [sources]
    my-blog = { kind = "feeds:Feed", publisher = "My Blog", url = "https://blog.example/feed.xml" }
    coindesk = { enabled = false }                                   # a built-in one, no longer asked

    [chains]
    candles-sol-usd = ["kraken:SOL/USD:5m", "coinbase:SOL/USD:5m"]   # exchange:symbol:interval is a source, too
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from connectors.exchange_candles import ExchangeCandles
from connectors.exchange_quirks import INTERVAL_S, QUIRKS
from connectors.exchanges import ExchangeSender
from connectors.pull import Send
from connectors.records import Answer, Connector, Limits, Request
from connectors.transport import Transport

BUILT_IN = Path(__file__).with_name("sources.toml")
#: What a line may say beside what its connector takes.
OURS = ("kind", "enabled", "cadence_s", "requests_a_month", "terms")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_CHAIN_OF = ("kraken", "coinbase", "bitstamp")


class BadRegistry(ValueError):
    """A registry file cannot be used; the message says which line, and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A connector under the name a person types and the run ledger carries."""

    name: str
    connector: Connector[Any]
    cadence_s: float  # how often it has something new
    enabled: bool = True  # asked by a refresh that names no source
    requests_a_month: int | None = None  # what its free plan allows, where it says
    terms: str | None = None  # whose figures or texts these are, and on what terms

    @property
    def needs_key(self) -> str | None:
        """The environment variable without which it cannot be asked."""
        return getattr(self.connector, "needs_key", None)


@dataclass(frozen=True)
class Registry:
    sources: Mapping[str, Source]
    chains: Mapping[str, tuple[str, ...]]

    def source(self, name: str) -> Source:
        """The source of that name; ``exchange:symbol:interval`` names the candles of any market.

        Raises KeyError with the names there are.
        """
        if name in self.sources:
            return self.sources[name]
        if (market := _market(name)) is not None:
            known = (s for s in self.sources.values() if _same_market(s.connector, market))
            return next(known, Source(name, market, market.cadence_s))
        raise KeyError(f"no source {name!r}; there are {', '.join((*self.chains, *self.sources))}")

    def chain(self, name: str) -> tuple[Source, ...]:
        """The sources of a chain, or the one source of that name.

        ``candles:symbol:interval`` is the default chain for any market. Raises KeyError as ``source`` does.
        """
        if name.startswith("candles:"):
            return tuple(self.source(name.replace("candles", exchange, 1)) for exchange in _CHAIN_OF)
        return tuple(self.source(source) for source in self.chains.get(name, (name,)))

    def jobs(self, names: Sequence[str] = ()) -> dict[str, tuple[Source, ...]]:
        """What a refresh asks: the chains and sources named, or every chain and every source that is in none.

        A source that is not enabled is asked only by its own name. Raises KeyError as ``source`` does.
        """
        jobs, asked = {}, set()
        for name in names or [*self.chains, *(name for name, source in self.sources.items() if source.enabled)]:
            # A source is asked once, whatever names it goes by: in the first job that has it.
            sources = tuple(source for source in self._enabled(name) if source.name not in asked)
            asked.update(source.name for source in sources)
            if sources:
                jobs[name] = sources
        return jobs

    def _enabled(self, name: str) -> tuple[Source, ...]:
        return tuple(source for source in self.chain(name) if source.enabled or source.name == name)


def load(*files: Path) -> Registry:
    """The built-in registry, and over it that of each file: its entries are added, its keys replace those of a name.

    Raises BadRegistry for a file that cannot be read or an entry that cannot be used.
    """
    lines: dict[str, dict[str, Any]] = {}
    chains: dict[str, tuple[str, ...]] = {}
    for file in (BUILT_IN, *files):
        held = _read(file)
        for name, line in held.get("sources", {}).items():
            if not isinstance(line, dict) or not _NAME.fullmatch(name):
                raise BadRegistry(
                    f'{file}: source {name!r} should be a line such as my-blog = {{ kind = "feeds:Feed", … }}, its '
                    "name in small letters, digits, hyphens and dots."
                )
            lines[name] = {**lines.get(name, {}), **line}
        for name, members in held.get("chains", {}).items():
            if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
                raise BadRegistry(f"{file}: chain {name!r} should be a list of source names.")
            chains[name] = tuple(members)
    named_by = files[-1] if files else BUILT_IN
    registry = Registry({name: _source(named_by, name, line) for name, line in lines.items()}, chains)
    for name in chains:
        try:
            made = {source.connector.record for source in registry.chain(name)}
        except (KeyError, ValueError) as error:
            raise BadRegistry(f"{named_by}: chain {name!r}: {error.args[0]}.") from error
        if len(made) > 1:
            raise BadRegistry(f"{named_by}: chain {name!r} mixes {', '.join(sorted(r.__name__ for r in made))}.")
    return registry


def _read(file: Path) -> Mapping[str, Any]:
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRegistry(f"{file} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise BadRegistry(f"{file} is not TOML: {error}. docs/add-a-source.md shows its shape.") from error
    unknown = [name for name in held if name not in ("sources", "chains")]
    if unknown or not all(isinstance(table, dict) for table in held.values()):
        raise BadRegistry(f"{file} should hold [sources] and [chains], nothing else; it holds {', '.join(held)}.")
    return held


def _source(file: Path, name: str, line: Mapping[str, Any]) -> Source:
    where = f"{file}: source {name!r}"
    kind = line.get("kind")
    if not isinstance(kind, str) or kind.count(":") != 1:
        raise BadRegistry(f'{where} needs a kind, such as "feeds:Feed".')
    module, cls = kind.split(":")
    try:
        make = getattr(import_module(module if "." in module else f"connectors.{module}"), cls)
    except (ImportError, AttributeError) as error:
        raise BadRegistry(f"{where} has the kind {kind!r}, which there is not: {error}.") from error
    given = {key: value for key, value in line.items() if key not in OURS}
    if "source" in inspect.signature(make).parameters:
        given.setdefault("source", name)
    try:
        connector = make(**given)
    except (TypeError, ValueError) as error:
        takes = ", ".join(inspect.signature(make).parameters) or "nothing"
        raise BadRegistry(f"{where} cannot be made: {error}. {cls} takes: {takes}.") from error
    cadence_s, quota = line.get("cadence_s", connector.cadence_s), line.get("requests_a_month")
    enabled, terms = line.get("enabled", True), line.get("terms")
    if not isinstance(cadence_s, int | float) or cadence_s <= 0 or not isinstance(enabled, bool):
        raise BadRegistry(f"{where}: cadence_s is a number of seconds, enabled is true or false.")
    if not isinstance(quota, int | None) or not isinstance(terms, str | None):
        raise BadRegistry(f"{where}: requests_a_month is a whole number, terms a text.")
    return Source(name, connector, float(cadence_s), enabled, quota, terms)


def _market(name: str) -> ExchangeCandles | None:
    parts = name.split(":")
    if len(parts) != 3 or parts[0] not in QUIRKS:
        return None
    try:
        return ExchangeCandles(*parts)
    except ValueError as error:
        raise KeyError(f"{name}: {error}; an interval is one of {', '.join(INTERVAL_S)}") from error


def _same_market(connector: Connector[Any], market: ExchangeCandles) -> bool:
    return isinstance(connector, ExchangeCandles) and (connector.source, connector.symbol, connector.interval) == (
        market.source,
        market.symbol,
        market.interval,
    )


def sender(transport: Transport, *, paced: bool = True) -> Send:
    """One ``send`` for every source: exchanges by way of ccxt, all others straight.

    Use one for a whole refresh: it keeps the exchanges' market lists. ``paced=False`` is for replays.
    """
    exchanges = ExchangeSender(transport.send, paced=paced)

    def send(request: Request, limits: Limits) -> Answer:
        return exchanges(request, limits) if "exchange" in request.state else transport.send(request, limits)

    return send


#: What comes with Newstape. ``load`` adds a person's own file.
DEFAULT = load()
SOURCES: Mapping[str, Connector[Any]] = {name: source.connector for name, source in DEFAULT.sources.items()}

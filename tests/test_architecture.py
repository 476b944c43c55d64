"""Who may import whom, and what stands in one place only (docs/DESIGN.md, "Flow")."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("connectors", "analysis", "data", "dashboard", "streamlit_app", "benchmarks", "tools", "tests")
#: What each folder may import of ours; a name with a dot is a single module.
MAY_IMPORT = {
    "connectors": {"connectors"},
    "analysis": {"analysis", "connectors.records"},
    "data": {"connectors", "analysis", "data"},
    "dashboard": {"connectors", "analysis", "data", "dashboard"},
    "streamlit_app.py": {"dashboard"},
}
STREAMLIT = {"streamlit_app.py", "dashboard/widgets.py", "dashboard/cached.py", "dashboard/chart/__init__.py"}
STREAMLIT |= {"dashboard/turns.py"}  # the types of its messages
LONGEST = 450


def _files(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


SOURCES = [path for place in MAY_IMPORT for path in _files(place)]
EACH = pytest.mark.parametrize("path", SOURCES, ids=_name)


def _imports(path: Path) -> set[str]:
    """Every module a file imports, inside functions too; ``from a import b`` is ``a.b`` where that is a module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)}: a relative import"
            for alias in node.names:
                module = Path(*node.module.split("."), alias.name)
                is_module = (ROOT / module).with_suffix(".py").exists() or (ROOT / module).is_dir()
                found.add(f"{node.module}.{alias.name}" if is_module else node.module)
    return found


def _allowed(module: str, allowed: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def test_the_folders_are_there():
    assert all(_files(place) for place in MAY_IMPORT)


@EACH
def test_imports_run_one_way(path):
    place = _name(path).split("/")[0]
    ours = {module for module in _imports(path) if module.split(".")[0] in OURS}
    assert {module for module in ours if not _allowed(module, MAY_IMPORT[place])} == set()


@EACH
def test_pandas_and_the_lake_are_unknown_to_connectors_and_io_to_analysis(path):
    place = _name(path).split("/")[0]
    unknown = {
        "connectors": {"pandas", "polars", "pyarrow", "duckdb", "deltalake", "numpy"},
        "analysis": {
            "duckdb",
            "deltalake",
            "httpx",
            "ccxt",
            "requests",
            "urllib.request",
            "socket",
            "os",
            "io",
            "pathlib",
            "time",
            "subprocess",
        },
    }.get(place, set())
    assert {module for module in _imports(path) if _allowed(module, unknown)} == set()


#: Constants of the code that stand in data files: names anyone can read and extend, weights nobody types.
READS_PACKAGE_DATA = {"analysis/gazetteers.py": {"file.read_text"}, "analysis/claim_model.py": {"file.open"}}


@pytest.mark.parametrize("path", _files("analysis"), ids=_name)
def test_analysis_asks_no_clock_and_opens_no_file(path):
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    forbidden = re.compile(r"^open$|\.(now|utcnow|today|read_csv|read_parquet|read_text|read_bytes|open)$")
    allowed = READS_PACKAGE_DATA.get(_name(path), set())
    assert {call for call in calls if forbidden.search(call)} - allowed == set()


@EACH
def test_streamlit_is_imported_by_router_views_widgets_and_cached_alone(path):
    name = _name(path)
    if name not in STREAMLIT and not name.startswith("dashboard/views/"):
        assert not any(_allowed(module, {"streamlit"}) for module in _imports(path))


@EACH
def test_streamlits_caches_are_used_in_one_file(path):
    if _name(path) != "dashboard/cached.py":
        assert not re.search(r"\bcache_(data|resource)\b", path.read_text())


@EACH
def test_sql_stands_in_queries_alone(path):
    if not re.fullmatch(r"data/queries\w*(/\w+)?\.py", _name(path)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"\bSELECT\b(?s:.)+\bFROM\b", node.value), f"{_name(path)}:{node.lineno}"


#: The transport and its parts, ccxt's connector, and what only names this host or reads an address.
MAY_CONNECT = {"connectors/transport.py", "connectors/connections.py", "connectors/exchanges.py"}
MAY_NAME = {
    "connectors/addresses.py": {"socket"},
    "connectors/keys.py": {"httpx"},
    "data/store.py": {"socket"},
}


@EACH
def test_only_the_transport_and_the_exchanges_open_connections(path):
    name = _name(path)
    if name not in MAY_CONNECT:
        network = {"httpx", "httpcore", "ccxt", "requests", "urllib.request", "socket", "aiohttp"}
        assert not any(_allowed(module, network) for module in _imports(path) - MAY_NAME.get(name, set()))


def test_no_file_is_longer_than_a_story():
    lengths = {
        _name(path): len(path.read_text().splitlines()) for path in [*SOURCES, *_files("tests"), *_files("tools")]
    }
    assert {name: count for name, count in lengths.items() if count > LONGEST} == {}


def _loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


def test_a_page_does_not_load_ccxt_and_neither_does_the_command_lines_help():
    views = [f"dashboard.views.{path.stem}" for path in _files("dashboard/views") if path.stem != "__init__"]
    loaded = _loaded_by(f"import dashboard.cached, dashboard.widgets, {', '.join(views)}")
    assert "dashboard.cached" in loaded
    assert "ccxt" not in loaded
    assert not {"ccxt", "streamlit"} & _loaded_by("import dashboard.cli")

# Two commands on a fresh machine: make run, make test. Both also work the second time, in seconds.

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-annotate --no-header
HOST_CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

# uv is quick; pip reads configuration that uv does not, such as a private index in pip.conf.
install = $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(1) || \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)

.PHONY: run test lint bench bench-refresh bench-archive bench-stories bench-claims bench-names bench-extraction bench-pairing \
  bench-windows bench-browser bench-sessions screenshots lock clean

run: .venv/.run-installed
	$(BIN)/newstape serve

test: .venv/.test-installed browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: .venv/.test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: .venv/.test-installed
	$(BIN)/python benchmarks/chart_windows.py

bench-refresh: .venv/.test-installed
	$(BIN)/python benchmarks/refresh.py

bench-archive: .venv/.test-installed
	$(BIN)/python benchmarks/archive.py

bench-stories: .venv/.test-installed
	$(BIN)/python benchmarks/stories.py

bench-claims: .venv/.test-installed
	$(BIN)/python benchmarks/claims.py

bench-names: .venv/.test-installed
	$(BIN)/python benchmarks/assets.py

bench-extraction: .venv/.test-installed
	$(BIN)/python benchmarks/extraction.py

bench-pairing: .venv/.test-installed
	$(BIN)/python benchmarks/pairing.py

bench-windows: .venv/.test-installed
	$(BIN)/python benchmarks/windows_server.py

# Its references, Dash and plotly-resampler, are installed by hand: see the file.
bench-browser: .venv/.test-installed browser
	$(BIN)/python benchmarks/browser.py

bench-sessions: .venv/.test-installed
	$(BIN)/python benchmarks/sessions.py

# The pictures in docs/, made by a test run that looks at every page.
screenshots: .venv/.test-installed browser
	NEWSTAPE_SCREENSHOTS=docs/screenshots $(BIN)/python -m pytest tests/browser -k screenshot

.venv/.uv: Makefile
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

.venv/.run-installed: .venv/.uv requirements.lock pyproject.toml
	$(call install,requirements.lock)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/.test-installed: .venv/.run-installed requirements-test.lock
	$(call install,requirements-test.lock)
	touch $@

# Debian's and Ubuntu's package; elsewhere install Chromium by hand, or set NEWSTAPE_CHROMIUM.
.PHONY: browser
browser:
ifeq ($(HOST_CHROMIUM)$(NEWSTAPE_CHROMIUM),)
	@echo "Installing Chromium for the browser tests …"
	@SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$SUDO apt-get update -qq && $$SUDO apt-get install -y -qq --no-install-recommends chromium >/dev/null
endif

# Versions and hashes only; no index is named.
lock: .venv/.uv
	$(COMPILE) --extra build --extra test pyproject.toml -o requirements-test.lock
	$(COMPILE) --extra build -c requirements-test.lock pyproject.toml -o requirements.lock

clean:
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .hypothesis

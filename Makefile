# The few commands. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
export SRC DATA

.PHONY: help run test ingest update bench check format clean

help:  ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

$(BIN)/.run: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make run PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(BIN)/.test: requirements-dev.txt $(BIN)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

run: $(BIN)/.run  ## serve the app on this machine (PORT=8501), with data/live or the demo
	$(BIN)/python -m commerce serve --port $(PORT)

test: $(BIN)/.test  ## run all tests; as root on Debian a missing browser is installed first
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m pytest -n auto --dist worksteal

ingest: $(BIN)/.run  ## read raw files into a new snapshot: make ingest SRC="dir-or-files" [DATA=dir]
	$(BIN)/python -m commerce ingest

update: $(BIN)/.run  ## fetch public data, ingest, check and publish, for cron: COMMERCE_FETCH_AUTHORITY=5825000 make update
	$(BIN)/python -m commerce update

bench: $(BIN)/.test  ## the benchmarks, each beside the peer it is held against
	$(BIN)/python -m benchmarks

check: $(BIN)/.test  ## formatting, lint, types, SQL lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 queries

format: $(BIN)/.test  ## mend what ruff and sqlfluff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix queries

clean:  ## remove the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

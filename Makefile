# Everything runs from .venv, made from requirements.lock; nothing is installed outside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SOTINH_HOME ?= data
ROWS ?= 1000000
ROUNDS ?= 3
WORKBOOKS ?= 10000
FAULTS ?= 100
export SOTINH_HOME

.PHONY: help setup run test test-unit lint format bench prove-dossiers prove-nights prove-sheets prove-asof prove-balance prove-pack prove-explain prove-drill dev screenshots clean lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv from requirements.lock

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q $(VENV)/lib orchestration ingestion expectations warehouse || true
	@touch $(STAMP)

run: setup ## write the sample inbox and run the night on it
	$(BIN)/sotinh sample
	$(BIN)/sotinh nightly

test: setup ## run every test
	$(BIN)/python -m pytest

test-unit: setup ## run the tests that need neither dbt, Dagster nor Great Expectations
	$(BIN)/python -m pytest -m "not slow"

lint: setup ## ruff, mypy, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd dbt_project && ../$(BIN)/sqlfluff lint --disable-progress-bar models tests ../warehouse/views ../warehouse/site/queries

format: setup ## let ruff rewrite the Python files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## time whole nights side by side (see BENCHMARKS.md); ROWS=10000000 ROUNDS=1 for the large one
	$(BIN)/python -m tests.bench --rows $(ROWS) --rounds $(ROUNDS)

prove-nights: setup ## live through thirty nights of a month, and compare with one night on all their files
	$(BIN)/python -m tests.prove_nights

prove-dossiers: setup ## count 100,000 dossier states in plain Python beside the nights, and load them in 20 orders
	$(BIN)/python -m tests.prove_dossiers

prove-sheets: setup ## read WORKBOOKS=10000 drawn workbooks of known truth; share read and refused by layout feature
	$(BIN)/python -m tests.prove_sheets --workbooks $(WORKBOOKS)

prove-asof: setup ## give the star of 50 random moments of a month of loads and re-loads, and compare with what was read then
	$(BIN)/python -m tests.prove_as_of

prove-balance: setup ## 1,000 loads with faults of 58 kinds, kills, re-runs, replays and decisions: no row lost, rules counted
	$(BIN)/python -m tests.prove_balance --loads 1000

prove-pack: setup ## change an audit pack in thousands of ways; the verifier must name what was changed every time
	$(BIN)/python -m tests.prove_pack

prove-explain: setup ## work 1,000 published values out again from the cells they name; change figures and see what changes
	$(BIN)/python -m tests.prove_explain

prove-drill: setup ## put FAULTS=100 faults of every kind into a generated history; share seen by kind, and false alarms
	$(BIN)/python -m tests.prove_drill --faults $(FAULTS)

dev: setup ## Dagster's pages on this machine (loopback only)
	$(BIN)/sotinh dev

screenshots: setup ## take the README's picture of the pages again (needs chromium and chromium-driver)
	SOTINH_REQUIRE_ALL=1 SOTINH_PICTURES=$(CURDIR)/orchestration/img \
	  $(BIN)/python -m pytest -n0 tests/orchestration/test_pages.py -k "graph"

lock: ## compile requirements.lock again (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock

clean: ## remove the environment and caches; the data stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

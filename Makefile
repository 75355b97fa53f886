# `make` alone lists what there is. Every target sets up what it needs by itself.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
BENCHES := startup calls reading journal peers peers_killed kills schedules minutes api ui diff-1000000 diff-10000000 diff-50000000
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11

.PHONY: help
help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

.PHONY: demo
demo: .venv/demo.ready .venv/ui.ready  ## Run the demo company: a sample warehouse into a local Xero (DEMO_ONCE=1: run through and exit)
	@$(BIN)/bookward demo $(if $(DEMO_ONCE),--once)

.PHONY: test
test: .venv/dev.ready .venv/ui.ready peers  ## Everything that must hold on every landing
	$(BIN)/pytest -m "not nightly" -n 3

.PHONY: test-nightly
test-nightly: .venv/dev.ready .venv/ui.ready peers  ## The heavier tests: more examples, larger data
	@scripts/install-chdb
	@scripts/install-dbt
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest -n 3 --timeout 1200

.PHONY: test-protections
test-protections: .venv/dev.ready peers  ## Take intent, key, fsync, epoch ... away, one at a time: a named test must notice
	$(BIN)/pytest tests/crash/test_protections.py -n 2

.PHONY: lint
lint: .venv/dev.ready  ## Style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: .venv/dev.ready  ## Put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: .venv/dev.ready peers  ## All benches one by one, into bench/RESULTS.md: about two hours on an idle machine
	@$(MAKE) --no-print-directory --keep-going -j1 $(addprefix bench-,$(BENCHES))

bench-diff-%:
	$(BIN)/python bench/diff.py --rows $*

bench-%:
	$(BIN)/python bench/$*.py

.PHONY: ui-types
ui-types: .venv/dev.ready  ## Write the web app's types of the API anew, after a route has changed
	scripts/ui-types

.PHONY: api-examples
api-examples: .venv/dev.ready  ## Choose the examples of the API's description anew, from what the tests send and get
	exchanges=$$(mktemp) && KEPT_EXCHANGES=$$exchanges $(BIN)/pytest -q -m "not nightly" -n 2 tests/integration/web tests/integration/alerts tests/integration/test_remote.py -k "not schemathesis and not gate and not roles" && $(BIN)/python scripts/api_examples.py $$exchanges && rm $$exchanges

.PHONY: pictures
pictures: .venv/dev.ready .venv/ui.ready peers  ## Take pictures of every page: four for the README, all into build/pictures
	$(BIN)/pytest -q tests/e2e/pictures.py

.PHONY: docs
docs: .venv/dev.ready  ## Write the generated reference pages anew
	$(BIN)/python scripts/reference.py

.PHONY: site
site: .venv/dev.ready  ## Build the documentation's site into build/site; a link that leads nowhere fails it
	$(BIN)/python -m sphinx -W --keep-going -q -c docs . build/site

.PHONY: lock
lock: .venv/dev.ready  ## Pin the newest versions that the project allows, with hashes
	$(LOCK) --upgrade pyproject.toml requirements/build.in --extra demo --extra postgres -c requirements/together.in -o requirements/demo.txt
	$(LOCK) --upgrade pyproject.toml requirements/build.in --extra demo --extra postgres --extra server --group dev -c requirements/demo.txt -o requirements/dev.txt
	$(LOCK) --upgrade requirements/build.in -c requirements/dev.txt -o requirements/build.txt
	$(LOCK) --upgrade pyproject.toml --all-extras -c requirements/dev.txt -o requirements/server.txt

.PHONY: peers
peers: .venv/bin/python  ## Install what the tests talk to (PostgreSQL, MariaDB, OpenSSH, SecantusDB, osmem, Chromium, jq), when it is missing
	@scripts/install-postgres
	@scripts/install-mariadb
	@scripts/install-openssh
	@scripts/install-from-pypi secantusdb secantusdb==0.7.0b3
	@scripts/install-from-pypi osmem osmem-server==0.1.6
	@scripts/install-chromium
	@scripts/install-jq

.venv/bin/python:
	@scripts/make-venv "$(PYTHON)"

.venv/demo.ready: requirements/demo.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/ui.ready: $(shell find ui -type f -not -path '*/node_modules/*') hatch_build.py | .venv/demo.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.ready: requirements/dev.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ .venv/demo.ready

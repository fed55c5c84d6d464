# 一屏 Yiping. `make run` shows the hall, `make test` proves it; both do everything on a fresh machine.

BIN := .venv/bin
PORT ?= 8080
FEEDS ?= 1447
DATA ?= data
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
NPM := $(BIN)/npm --prefix frontend --no-audit --no-fund --no-update-notifier
FRONTEND_SOURCES := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path 'frontend/dist/*' 2>/dev/null)

.PHONY: help run test install check types clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | column -t -s "$$(printf '\t')"

run: frontend/dist/index.html ## the hall with its model town on http://127.0.0.1:8080
	@$(BIN)/yiping demo --feeds $(FEEDS) --port $(PORT) --data $(DATA)

install: .venv/installed frontend/dist/index.html ## everything both commands share, into .venv and frontend/

# Two at once, a file in one process: tests of a file share a hall. More would be too many halls and browsers.
test: check .venv/test-tools ## every check and every test: Python, TypeScript, browser
	$(NPM) run test
	@. .venv/test-tools && $(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/checked frontend/dist/index.html ## linters, types, arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/arrows.py
	$(NPM) run check
	@scripts/types.sh --check

types: .venv/checked ## write the front end's API types anew from the OpenAPI document
	@scripts/types.sh

clean: ## remove what was installed and built; data stays
	rm -rf .venv frontend/node_modules frontend/dist

.venv/bin/python:
	@scripts/venv.sh

.venv/installed: pyproject.toml requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[build]'
	@touch $@

.venv/checked: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[build,check]'
	@touch $@

.venv/test-tools: .venv/checked scripts/test_tools.sh
	@scripts/test_tools.sh $@

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json .venv/installed
	$(NPM) ci --ignore-scripts --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.installed $(FRONTEND_SOURCES)
	$(NPM) run build
	@touch $@

# `make help` lists what can be done. ARGS="…" is handed on, as in: make demo ARGS=--once
SHELL := /bin/sh
BIN := .venv/bin
ARGS :=

.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint bench clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install whatever is missing on this machine, for running and for testing
	@.ci/setup test

demo: ## Load the bundled city, find its gaps and helpers, and serve the map until Ctrl-C
	@.ci/setup demo
	@exec $(BIN)/barnraiser demo $(ARGS)

up: ## Serve what is stored, until Ctrl-C
	@.ci/setup demo
	@exec $(BIN)/barnraiser up $(ARGS)

test: setup ## Check the code and run every test
	@.ci/test $(ARGS)

lint: ## Check style, types and who imports whom
	@.ci/setup test
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports >.venv/imports.txt || { cat .venv/imports.txt; exit 1; }

bench: ## Measure against a floor taken in the same run
	@.ci/setup test
	@$(BIN)/python -m bench $(ARGS)

clean: ## Remove what set-up made; keeps .barnraiser, where your data is
	rm -rf .venv node_modules dashboard/static bench/results out *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Needs Python 3.11+ and make; uv is used when it is there. Everything is installed into .venv from requirements.lock.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MARK := $(VENV)/.installed
export DO_NOT_TRACK := 1
export RUNTIME__DLTHUB_TELEMETRY := false
export GX_ANALYTICS_ENABLED := false

.PHONY: help setup demo dev test unit integration soak lint bench lock clean

help:  ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(MARK)  ## Install what is locked into .venv

$(MARK): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed; this is " + sys.version.split()[0] + ". Set PYTHON=python3.11, for example.")'
	@if command -v uv >/dev/null 2>&1; then \
		echo "Installing with uv …"; \
		uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
		echo "Installing with pip (a few minutes the first time) …"; \
		$(PYTHON) -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(MARK)

demo: $(MARK)  ## Start the demo company and run the whole job on it
	@$(BIN)/saleswh demo

dev: $(MARK)  ## Open the Dagster UI
	@$(BIN)/saleswh ui

test: unit integration  ## Run every test but the soak

unit: $(MARK)  ## Run the fast tests only
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/unit tests/contract tests/repo

integration: $(MARK)  ## Run the whole job on small companies, and break it on purpose
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not soak" tests/integration

soak: $(MARK)  ## Let the small company live for ten days, with a refresh each day
	@$(BIN)/python -m pytest -m soak tests/integration

lint: $(MARK)  ## ruff, mypy, sqlfluff, import rules
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@mkdir -p var/lint && $(BIN)/python -c "import duckdb; duckdb.connect('var/lint/state.duckdb').close()"
	@SALESWH_DBT_BUILD_FILE=$(CURDIR)/var/lint/build.duckdb SALESWH_DBT_STATE_FILE=$(CURDIR)/var/lint/state.duckdb \
		$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models dbt_project/tests

bench: $(MARK)  ## Print what things cost, as ratios against a floor
	@$(BIN)/python -m benchmarks

lock: $(MARK)  ## Resolve requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header -o requirements.lock

clean:  ## Remove what was produced and installed
	@if [ -d var ]; then chmod -R u+w var; fi  # releases are sealed
	rm -rf var $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache

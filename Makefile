# The tasks of everyday work; `make` alone lists them. Needs only Python 3.11 or newer; all else goes into .venv.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# A lock names everything, so nothing is left to resolve; old pips also stumble over extras under --require-hashes.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
CODE := accounts evidencebank jobs search studies
export PORT

.PHONY: help install run test test-postgres readers check fix bench outdated lock clean \
	check-code check-types check-imports check-django check-templates check-safety

help:  ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

install: .venv/run.stamp  ## Install what the bank needs into .venv, without starting it
	@# A service may not write into the program's folder, so what it reads there is made here.
	@$(BIN)/python -m evidencebank.catalogue

run: .venv/run.stamp  ## Set up, serve and do the jobs on http://127.0.0.1:PORT (8000)
	@$(BIN)/python manage.py set_up
	@echo "The bank is at http://127.0.0.1:$(PORT)/ - Ctrl+C stops it."
	@exec $(BIN)/python -m evidencebank.supervisor

test: .venv/dev.stamp  ## Run the tests on SQLite, those in a browser where a Chromium is found; THOROUGH=1 for all
	THOROUGH=$(THOROUGH) $(BIN)/python -m pytest -n auto

test-postgres: .venv/dev.stamp  ## Run what touches the database on the PostgreSQL of DATABASE_URL
	@case "$$DATABASE_URL" in postgres*) ;; *) echo "Set DATABASE_URL=postgres://user:password@host/name first." >&2; exit 2;; esac
	TEST_ON_POSTGRES=1 $(BIN)/python -m pytest -n auto -m "not browser"

readers: .venv/dev.stamp .venv/citeproc.stamp  ## Let programs of others read what the bank gives away: pandoc, LaTeX, R, ...
	$(BIN)/python -m pytest -n auto --dist loadfile -r s tests/readers

check: check-code check-types check-imports check-django check-templates check-safety  ## Check everything that needs no running

check-code: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types: .venv/dev.stamp
	$(BIN)/mypy

check-imports: .venv/dev.stamp
	$(BIN)/lint-imports --no-logo

check-django: .venv/dev.stamp
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py translations --check

check-templates: .venv/dev.stamp
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m pytest -q tests/evidencebank/test_templates.py

check-safety: .venv/dev.stamp
	$(BIN)/bandit --quiet --recursive $(CODE) --configfile pyproject.toml

fix: .venv/dev.stamp  ## Mend what a program can mend: format, order of imports, catalogue
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python manage.py translations --update

bench: .venv/bench.stamp  ## Measure the search beside its peers: SIZES="1000 10000", or QUICK=1 for a short trial
	$(BIN)/python -m benchmarks peers $(if $(QUICK),--quick) $(if $(SIZES),--sizes $(SIZES))
	$(if $(SIZES),,$(BIN)/python -m benchmarks.http_page $(if $(QUICK),--quick,--keep) || true)
	$(if $(SIZES),,$(BIN)/python -m benchmarks.evidence_map $(if $(QUICK),--quick,--keep) || true)
	$(if $(SIZES),,$(BIN)/python -m benchmarks.evidence_pages \
		$(if $(QUICK),--quick,--keep) || true)
	$(if $(SIZES),,$(BIN)/python -m benchmarks.exports $(if $(QUICK),--quick,--keep) || true)
	$(if $(SIZES),,$(BIN)/python -m benchmarks.downloads $(if $(QUICK),--quick,--keep) || true)
	$(if $(QUICK),,$(BIN)/python -m benchmarks report)

outdated: .venv/run.stamp  ## Tell which direct dependencies have newer versions; asks the package index
	@$(BIN)/python deploy/outdated.py

lock:  ## Write the lock files anew from requirements*.in (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --upgrade requirements.in --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --upgrade requirements-mcp.in --constraint requirements.lock --output-file requirements-mcp.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --upgrade requirements-dev.in --constraint requirements.lock --output-file requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --upgrade benchmarks/requirements.in --constraint requirements.lock \
		--output-file benchmarks/requirements.lock

clean:  ## Remove .venv, its like for other Pythons and all caches; the bank's own data in var/ stays
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The bank needs Python 3.11 or newer, and \"$(PYTHON)\" is not. Name one: make run PYTHON=python3.13" >&2; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python's venv is missing. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }

.venv/run.stamp: requirements.lock | .venv/bin/python
	@echo "Installing what the bank needs ..."
	@$(PIP) -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock requirements.lock | .venv/bin/python
	@echo "Installing what development needs ..."
	@$(PIP) -r requirements-dev.lock
	@touch $@ .venv/run.stamp

.venv/citeproc.stamp: benchmarks/citeproc/package.json | .venv/bin/python
	@if command -v npm >/dev/null; then \
		mkdir -p .venv/citeproc && cp $< .venv/citeproc/ && \
		npm install --prefix .venv/citeproc --silent --no-audit --no-fund --no-package-lock && touch $@; \
	else echo "Left out: citeproc-js. To get it: sudo apt install npm" >&2; fi

.venv/bench.stamp: benchmarks/requirements.lock .venv/run.stamp
	@echo "Installing what the benchmarks compare with ..."
	@$(PIP) -r benchmarks/requirements.lock
	@touch $@

# Every target makes its own .venv from pinned versions the first time, and needs no network after that.
#   make demo    the main job on the sample round        make test    the tests; make slow: those that take long
#   make check   what must hold before a change lands    make fix     mend what can be mended
#   make mutation   break each line of dividing and of fairness, and list what no test noticed (MINUTES=60)
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := data/samples/jiangmen-2021
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test slow mutation check format lint types imports fix docs notebooks bench wheel clean

help:
	@sed -n 's/^#   //p' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/ready-demo
	@$(BIN)/relief run $(SAMPLE)/申请.xlsx --rules $(SAMPLE)/rules --fund 300000 --on 2021-09-30 \
	  --out demo-round --overwrite || test $$? -eq 1
	@echo && echo "demo-round/" && ls demo-round

test: $(VENV)/ready-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q -m "not slow"

slow: $(VENV)/ready-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q -m slow

check: format lint types imports docs test slow

format: $(VENV)/ready-dev
	$(BIN)/ruff format --check .

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .

types: $(VENV)/ready-dev
	$(BIN)/mypy --strict

imports: $(VENV)/ready-dev
	$(BIN)/lint-imports

fix: $(VENV)/ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/ready-dev
	$(BIN)/sphinx-build -q -W -n --keep-going docs docs/_build/html

# Each notebook is a text file; it runs from top to bottom in its own folder, and any exception stops here.
notebooks: $(VENV)/ready-dev
	@shopt -s nullglob; for notebook in notebooks/*.md notebooks/*.py; do \
	  echo "$$notebook"; $(BIN)/python -c "$$RUN_NOTEBOOK" "$$notebook" || exit 1; done

define RUN_NOTEBOOK
import sys, jupytext, nbclient
resources = {"metadata": {"path": "notebooks"}}
nbclient.NotebookClient(jupytext.read(sys.argv[1]), timeout=600, kernel_name="python3", resources=resources).execute()
endef
export RUN_NOTEBOOK

bench: $(VENV)/ready-dev
	@shopt -s nullglob; for bench in benchmarks/*.py; do echo "$$bench"; $(BIN)/python "$$bench" || exit 1; done

# Goes on where it stopped; rm -r .mutation starts over. What it does: docs/mutation.md
MINUTES ?= 60
mutation: $(VENV)/ready-dev
	$(PIP) -r requirements/mutation.txt
	nice $(BIN)/python tools/mutation.py run --minutes $(MINUTES)
	$(BIN)/python tools/mutation.py page

wheel: $(VENV)/ready-dev
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

clean:
	rm -rf $(VENV) build dist docs/_build demo-round .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests docs benchmarks notebooks -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("relief needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# The package itself is installed from this folder, editable, with the pinned build tools: no network.
$(VENV)/ready-demo: requirements/demo.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/demo.txt into $(VENV) (the first time only)"
	@$(PIP) -r requirements/demo.txt
	@$(PIP) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-dev: requirements/dev.txt requirements/demo.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/dev.txt into $(VENV) (the first time only)"
	@$(PIP) -r requirements/dev.txt
	@$(PIP) --no-index --no-deps --no-build-isolation --editable .
	@touch $(VENV)/ready-demo $@

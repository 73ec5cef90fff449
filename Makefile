# The workflows. VENV is where the tools live; everything is made on first use.
PYTHON ?= python3
VENV ?= .venv
DEMO_VENV ?= .venv-demo
TRAIN_VENV ?= .venv-train
BIN = $(VENV)/bin
CORPUS ?= ../shared/corpus/dev

.PHONY: demo test lint check bench build install pins faults debian format train drafts

demo: $(DEMO_VENV)/ready
	@$(DEMO_VENV)/bin/kitchenwall demo

test: debian install
	@$(BIN)/python -m pytest

lint: install
	@$(BIN)/ruff format --check src tests bench tools
	@$(BIN)/ruff check src tests bench tools
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

check: lint
	@$(BIN)/python -m pytest -m "not server"

faults: debian install
	@$(BIN)/python -m pytest tests/faults --every-fault -s

bench: debian install
	@for b in bench/*.py; do echo "== $$b"; $(BIN)/python $$b --corpus "$(CORPUS)" || exit 1; done

build: $(VENV)/ready
	@$(BIN)/python -m build --no-isolation

# Learns the weights of the second opinion from CORPUS and from the project's own mails.
train: $(TRAIN_VENV)/ready
	@$(TRAIN_VENV)/bin/python -m pip install --quiet --no-deps .
	@$(TRAIN_VENV)/bin/python tools/train_opinion.py --corpus "$(CORPUS)" --write

# Writes the letters that tests approve, and docs/drafts.md, anew: read what changes before it is committed.
drafts: install
	@$(BIN)/python -m tests.situations.walking
	@$(BIN)/python -m tests.adapters.test_templates
	@$(BIN)/python tools/drafts_page.py

format: $(VENV)/ready
	@$(BIN)/ruff check --fix-only --quiet src tests bench tools
	@$(BIN)/ruff format --quiet src tests bench tools

# The project is installed as people get it: built, not editable, so that its data files are found.
install: $(VENV)/ready
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --force-reinstall .

$(VENV)/ready: requirements-ci.txt
	@sh tools/venv.sh "$(PYTHON)" "$(VENV)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-ci.txt
	@touch $@

$(DEMO_VENV)/ready: pyproject.toml $(shell find src templates systemd config.example.toml -type f -not -name '*.pyc')
	@sh tools/venv.sh "$(PYTHON)" "$(DEMO_VENV)"
	@$(DEMO_VENV)/bin/python -m pip install --quiet --force-reinstall ".[demo]"
	@touch $@

$(TRAIN_VENV)/ready: requirements-train.txt
	@sh tools/venv.sh "$(PYTHON)" "$(TRAIN_VENV)"
	@$(TRAIN_VENV)/bin/python -m pip install --quiet --require-hashes -r requirements-train.txt
	@touch $@

debian:
	@sh tools/debian.sh

pins:
	@$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	    --no-header --all-extras --group test --group lint --group bench --upgrade \
	    --output-file requirements-ci.txt pyproject.toml
	@$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	    --no-header --group train --upgrade \
	    --output-file requirements-train.txt pyproject.toml

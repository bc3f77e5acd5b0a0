# Everything the project does starts here: `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?= python3
export VIRTUAL_ENV := $(CURDIR)/.venv
export PATH := $(VIRTUAL_ENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

RUST := Cargo.toml Cargo.lock $(shell find rust -name '*.rs' -o -name Cargo.toml)
INSTALL := python -m pip install --quiet --require-hashes --requirement
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

.PHONY: help demo test test-all lint rust bench docs lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: .venv/built ## Build, then solve a real problem in the terminal, to its certificate, and save its pictures
	preimage solve examples/press/colorchecker.inv --output colorchecker.result
	preimage plot colorchecker.result --output colorchecker.png
	python examples/press/picture.py colorchecker.result colorchecker-chart.png

test: lint rust .venv/built ## Lint and test everything but what is slow (CI runs this)
	python -m pytest -n auto -m "not slow"

test-all: lint rust .venv/built ## Lint and test everything
	python -m pytest -n auto

lint: .venv/dev .venv/built ## Check style and types
	ruff check
	ruff format --check
	mypy
	stubtest preimage._core
	@if cargo fmt --version >/dev/null 2>&1; then cargo fmt --all --check; else echo "rustfmt is not installed: skipped"; fi
	@if cargo clippy --version >/dev/null 2>&1; then cargo clippy --quiet --workspace --all-targets -- --deny warnings; else echo "clippy is not installed: skipped"; fi

rust: .venv/dev ## Test the Rust core
	cargo test --quiet --workspace

bench: .venv/built .venv-peers/installed ## Measure against other packages, on the same networks and targets
	python benchmarks/peers.py --peers-python .venv-peers/bin/python
	python benchmarks/fem.py --peers-python .venv-peers/bin/python

docs: .venv/dev .venv/built ## Build the documentation into docs/_build/html
	sphinx-build --fail-on-warning --keep-going docs docs/_build/html

lock: .venv/dev ## Pin the newest versions of everything that is installed
	$(LOCK) --upgrade pyproject.toml --extra dev --output-file requirements/dev.txt
	$(LOCK) pyproject.toml requirements/build.in --constraint requirements/dev.txt --output-file requirements/demo.txt
	$(LOCK) --upgrade requirements/peers.in --output-file requirements/peers.txt

clean: ## Remove what was built
	rm -rf .venv .venv-peers target docs/_build python/preimage/_core.*.so

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv
	touch $@

.venv/demo: requirements/demo.txt | .venv/created
	$(INSTALL) $<
	touch $@

.venv/dev: requirements/dev.txt | .venv/created
	$(INSTALL) $<
	touch $@ .venv/demo

.venv/built: pyproject.toml $(RUST) | .venv/demo
	@cargo --version >/dev/null 2>&1 || { echo "Rust is needed: install it from your system's packages or with rustup"; exit 1; }
	python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv-peers/installed: requirements/peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --require-hashes --requirement $<
	touch $@

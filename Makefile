# `make run` is all that a newcomer needs. The environment .venv is made by itself, once, with the versions of
# constraints.txt. An interpreter may be named: make run PYTHON=/path/to/python3.13

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help

BIN := .venv/bin
READY := .venv/.ready
PIP := -m pip --quiet --disable-pip-version-check
FIND_PYTHON := .ci/find-python $(if $(PYTHON),'$(PYTHON)')

CONFIG ?= configs/baseline.yaml
WORKERS ?= 2

.PHONY: help run hindcast test study lint docs bench wheel constraints clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

run: $(READY) ## one run of configs/baseline.yaml (or CONFIG=FILE); says where its tables and plots are
	@$(BIN)/abm run '$(CONFIG)'

SEEDS ?= 1 2 3

hindcast: $(READY) ## 2009 to 2024 from drivers, SEEDS of it, and its scores (DATA=FILE: against records of your own)
	@for seed in $(SEEDS); do $(BIN)/abm run configs/hindcast.yaml --seed "$$seed" --no-plots --quiet; done
	@$(BIN)/abm score results/hindcast $(if $(DATA),--data '$(DATA)')

# files stay together, as tests of a file share runs, and begin in the order of tests/conftest.py
PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --dist=loadfile --no-loadscope-reorder --failed-first

test: $(READY) ## all tests, in minutes, the quick ones first
	@$(PYTEST)

study: $(READY) ## levels, directions, scale, forty years, a cluster: half an hour or more, before a release
	@failed=0; $(PYTEST) -m 'study or not study' tests/study || failed=1; $(PYTEST) -m study tests || failed=1; exit $$failed

lint: $(READY) ## format, style, types, layers of imports, spelling
	@$(BIN)/ruff format --check --quiet --output-format=concise .
	@$(BIN)/ruff check --quiet --output-format=concise .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >.venv/layers.txt || { cat .venv/layers.txt; exit 1; }
	@$(BIN)/codespell
	@echo 'lint: clean'

docs: $(READY) ## the documentation as a site, with search, read without a network: build/docs/index.html
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs
	@echo 'docs: build/docs/index.html'

bench: $(READY) ## what a month costs by scale, and peers of the household pass; 3 minutes (BENCH=--full: all households)
	@$(BIN)/python benchmarks/bench.py $(BENCH)

# kernels as in abm.engine.kernel_cache.SHIPPED
SHIPPED := src/abm/compiled_kernels

wheel: $(READY) ## wheel, with compiled kernels, and source archive in dist/
	@rm -rf dist '$(SHIPPED)'
	@trap "rm -rf '$(SHIPPED)'" EXIT; \
	NUMBA_CPU_NAME=x86-64-v3 NUMBA_CPU_FEATURES= NUMBA_CACHE_DIR='$(SHIPPED)' $(BIN)/python -c \
	'from abm.experiments.warm import compile_to_ship; compile_to_ship("configs/all_streams.yaml")'; \
	$(BIN)/python -m hatchling build -d dist

constraints: ## bring constraints.txt to the newest versions that pyproject.toml allows
	@python=$$($(FIND_PYTHON)); \
	fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	"$$python" -m venv "$$fresh"; \
	"$$fresh/bin/python" $(PIP) install hatchling '.[test,lint,docs]'; \
	sed -n '/^#/p' constraints.txt >"$$fresh/new"; \
	"$$fresh/bin/python" -m pip freeze --exclude abm-pakistan-migration >>"$$fresh/new"; \
	cp "$$fresh/new" constraints.txt

clean: ## remove the environment, builds and caches; results stay
	@rm -rf .venv .venv.lock build dist benchmarks/latest.json
	@rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The build tool is installed with the rest and used without an isolated build: one set of versions for everything. A second
# `make` waits for the first.
$(READY): pyproject.toml constraints.txt
	@exec 9>.venv.lock; if command -v flock >/dev/null; then flock 9; fi; \
	if [ $@ -nt pyproject.toml ] && [ $@ -nt constraints.txt ]; then exit 0; fi; \
	python=$$($(FIND_PYTHON)); \
	echo "Making .venv with $$python: once, a minute or two" >&2; \
	rm -rf .venv; \
	"$$python" -m venv .venv; \
	$(BIN)/python $(PIP) install -c constraints.txt hatchling; \
	$(BIN)/python $(PIP) install -c constraints.txt --no-build-isolation -e '.[test,lint,docs]'; \
	touch $@

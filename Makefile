# One command does what CI does. Needs Python 3.11 or later with venv, pip, and make.
PYTHON ?= python3
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help prove test lint tests proofs bench mutants record patches pages docs wheel pins clean

help:
	@echo "make prove    set up, prove every claim, end with the table of verdicts"
	@echo "make test     set up, then lint, types, layers, documentation, tests and proofs"
	@echo "make bench    measure the figures that the project promises"
	@echo "make mutants  break each C function, and each step of device memory, in every small way"
	@echo "make record   prove every claim and rewrite proofs/evidence/"
	@echo "make patches  find out anew what each patch of the series is needed for, and record it"
	@echo "make pages    write the generated pages and the table in README.md"
	@echo "make docs     build the documentation site into docs/_build/html"
	@echo "make wheel    build the wheel into dist/"
	@echo "make pins     renew constraints.txt from a fresh environment"
	@echo "make clean    remove everything that these commands made"

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; say which with: make PYTHON=python3.12" >&2; exit 2; }
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) 'pip>=25.1'
	@$(INSTALL) --group dev
	@$(INSTALL) --no-build-isolation --editable '.[portfolio]'
	@touch $@

$(VENV)/.docs-ready: $(VENV)/.ready
	@$(INSTALL) --group docs
	@touch $@

prove: $(VENV)/.ready
	@$(BIN)/staleproof prove --no-cache --jobs $(JOBS)

test: lint docs tests proofs

lint: $(VENV)/.ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: $(VENV)/.ready lint
	$(BIN)/pytest tests -n $(JOBS)

proofs: $(VENV)/.ready tests
	$(BIN)/pytest proofs -n $(JOBS) --dist loadgroup

bench: $(VENV)/.ready
	@$(BIN)/python bench/figures.py; kept=$$?; $(BIN)/python bench/scaling.py && exit $$kept

mutants: $(VENV)/.ready
	@$(BIN)/python bench/mutants.py --jobs $(JOBS)
	@$(BIN)/python bench/device_memory_mutants.py --jobs $(JOBS)

record: $(VENV)/.ready
	@$(BIN)/staleproof prove --no-cache --record --jobs $(JOBS)

patches: $(VENV)/.ready
	@$(BIN)/staleproof matrix --patches --no-cache --record --jobs $(JOBS)

pages: $(VENV)/.ready
	@$(BIN)/python docs/generate.py

docs: $(VENV)/.docs-ready
	$(BIN)/sphinx-build -n -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

wheel: $(VENV)/.ready
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .
	@ls dist/*.whl

pins:
	@rm -rf build/pins && $(PYTHON) -m venv build/pins
	@build/pins/bin/python -m pip install --quiet 'pip>=25.1'
	@build/pins/bin/python -m pip install --quiet --group dev --group docs '.[portfolio]'
	@{ echo "# Every package that a set-up installs, pinned (made with pip freeze; renew with 'make pins')."; \
		build/pins/bin/python -m pip freeze --exclude staleproof; } > constraints.txt
	@rm -rf build/pins

clean:
	rm -rf $(VENV) build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find spec tests proofs bench docs -name __pycache__ -type d -exec rm -rf {} +

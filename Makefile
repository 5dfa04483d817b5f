# The two commands: `make demo` and `make test`. Everything else is for people who change the code.
PYTHON ?= python3
VENV ?= .venv
DEMO ?= demo
WORKERS ?= 3
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Files go to the processes whole and in order, so that what a file shares is set up once and the long ones come early.
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-full lint lock clean

demo: $(INSTALLED)
	@$(BIN)/lotsenbuch demo --dir $(DEMO)

test: $(INSTALLED)
	@.ci/system-packages chromium postgresql poppler-utils
	@$(PYTEST) -m "not long"

test-full: $(INSTALLED)
	@.ci/system-packages chromium postgresql poppler-utils
	@$(PYTEST)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Pins every dependency for every platform, with hashes and without any registry's address.
lock:
	uv pip compile pyproject.toml --universal --all-extras --generate-hashes --python-version 3.11 \
	  --no-header --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) $(DEMO) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The lock is whole, so it is installed as it stands: pip would ask anew what each package wants (`--no-deps`).
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/system-packages --needed python3-venv
	@echo "Umgebung in $(VENV) wird eingerichtet (einmalig, etwa eine Minute) / setting up $(VENV), once ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

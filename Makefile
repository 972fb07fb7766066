# Everything a person or a machine does with this project. `make demo` is the place to start.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
# Settings as a production machine has them, for the deployment checks.
PRODUCTION := PUBLIC_URL=https://console.example.com ALLOWED_HOSTS=console.example.com BEHIND_PROXY=True DEBUG=False \
	SECRET_KEY_FILE= FERNET_KEYS_FILE= DATABASE_URL=sqlite:///:memory: REDIS_URL=
export SECONDS SEED QUICK ONCE

.PHONY: help install keys demo test lint types check run simulate drill bench format clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed  ## virtual environment with pinned dependencies

$(VENV)/.installed: requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

keys: install  ## print a new .env with good keys
	@$(BIN)/python -m integrator.keys

demo: install  ## the product with two customers between simulated systems; ONCE=1 for one round trip without a browser
	@$(BIN)/python -m sandbox.demo

test: install  ## all tests, on all cores; DATABASE_URL chooses the database
	$(BIN)/python -m pytest -q -n auto

lint: install  ## style, imports between rooms, migrations, deployment checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(MANAGE) makemigrations --check --dry-run
	env $(PRODUCTION) $$($(BIN)/python -m integrator.keys) $(MANAGE) check --deploy --fail-level WARNING

types: install  ## mypy, strict
	$(BIN)/mypy .

check: lint types test  ## all of the above

format: install  ## put the code in order
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

.env: | install
	@test -f $@ || $(BIN)/python -m integrator.keys > $@

run: install .env  ## web on port 8000 and one worker cluster, with the settings of .env
	@$(BIN)/python -m integrator.run

simulate: install  ## the simulated systems alone, on ports from 9100 on
	$(BIN)/python -m sandbox.serve

drill: install  ## faults and killed workers against the simulators of both recipes; SECONDS= SEED= QUICK=1
	@$(BIN)/python -m sandbox.drill

bench: install  ## figures, written to bench.json
	@$(BIN)/python -m sandbox.bench

clean:  ## remove the virtual environment and all local data
	rm -rf $(VENV) var

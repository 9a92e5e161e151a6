# Media Gateway. `make` lists what there is; Python 3.11 or later is all a machine has to bring.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev up down test check emulated e2e bench soak bundle ci tf cost docs

# The newest Python from 3.11 on that really starts (a shim may not).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
BIN := .venv/bin
ENV ?= dev
UP_FLAGS := $(if $(DETACH),--detach) $(if $(FRESH),--fresh) $(if $(PORT),--port $(PORT))
QUICK := tests/unit

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the environment and the embedding model, nothing for tests
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed"; exit 1; }
	@$(PYTHON) emulators/bootstrap.py

setup-dev: ## Make the environment with what the tests need
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed"; exit 1; }
	@$(PYTHON) emulators/bootstrap.py --dev

up: setup ## Start the local cloud with the sample (DETACH=1 returns when ready, FRESH=1 forgets, PORT=n)
	@$(BIN)/mg up $(UP_FLAGS)

down: ## Stop the local cloud
	@$(BIN)/mg down

test: setup-dev ## Everything that needs no cloud account: format, lint, types, imports, tests, coverage
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m slipcover -m pytest -q -m "not soak" -n 2 --dist loadscope --no-loadscope-reorder

check: setup-dev ## Format, lint, types, imports and unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q $(QUICK)

emulated: setup-dev ## Tests of the emulators and of what runs on them (TARGET=google: on Google's own; TARGET=cloud PROJECT=p)
	$(BIN)/pytest -q $(if $(TARGET),tests/emulated/firestore tests/emulated/pubsub --target $(TARGET) $(if $(PROJECT),--project $(PROJECT)),tests/emulated tests/contracts tests/functions)

e2e: setup-dev ## A viewer's journey through everything
	$(BIN)/pytest -q -m "not soak" tests/e2e

bench: setup-dev ## Measure, with the machine's description
	$(BIN)/python -m tests.benchmarks

bundle: setup-dev ## Build what is deployed: F=search_query one function, else all and the context of the jobs' image
	$(BIN)/python -m functions.bundle $(if $(F),$(F),--all)

ci: setup-dev ## The pipeline's stages that need no cloud
	$(BIN)/python -m terraform.pipeline.local

tf: ## Plan a deployment: ENV=dev, staging or prod (needs terraform and a Google Cloud login)
	terraform -chdir=terraform init -reconfigure -backend-config=environments/$(ENV).gcs.tfbackend
	terraform -chdir=terraform plan -var-file=environments/$(ENV).tfvars -out=$(ENV).tfplan

cost: setup ## What a number of viewers needs and costs, and what gives way first
	@$(BIN)/python -m terraform.capacity

docs: setup ## Make again what is made: docs/api.md, docs/openapi.json, the tables of docs/capacity.md, docs/emulators.md and methods.json
	$(BIN)/python -m functions.api
	$(BIN)/python -m functions.openapi
	$(BIN)/python -m terraform.capacity --update docs/capacity.md
	$(BIN)/python -m emulators.method_tables
	$(BIN)/python -m emulators.coverage --update docs/emulators.md

soak: setup-dev ## The full figures: long runs of kills and boots
	$(BIN)/pytest -q -m soak

# Six layers of DevOps. Recipes are one line that calls a script; `make` alone prints help.
SHELL := bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
LAYERCTL := layer2-tooling/layerctl/layerctl

##@ Start
.PHONY: doctor
doctor: ## Say what this machine can run [LAYER=n]
	@$(LAYERCTL) doctor $(if $(LAYER),--layer $(LAYER))

.PHONY: setup
setup: ## Make the Python environments below .run/ (no root needed)
	@layer1-env/bootstrap.sh

.PHONY: layer0 layer1 layer2 layer3 layer4 layer5
layer0: ## Base operating system and POSIX model
layer1: ## Environment and dependency management
layer2: ## System integration and developer tooling
layer3: ## The main job: traffic to verdict [LOGS='access.log*'] [KEEP_SPARK=1]
layer4: ## Cloud infrastructure and platform engineering (Azure)
layer5: ## Meta-infrastructure and reliability engineering
# LOGS goes through the environment: a pattern or a name with a quote must reach the program as it is.
export LOGS SCENARIO KEEP_SPARK STRICT ENGINE V CAPTURE
layer0 layer1 layer2 layer3 layer4 layer5:
	@$(LAYERCTL) run $(@:layer%=%)

##@ Learn
.PHONY: layer0-break layer0-check
layer0-break: ## Break a command on purpose: SCENARIO=crlf; without one: list them
	@$(MAKE) -C layer0-bash break

layer0-check: ## Grade your repair [SCENARIO=crlf]
	@$(MAKE) -C layer0-bash check

.PHONY: layer1-break layer1-check
layer1-break: ## Make an interpreter conflict: SCENARIO=no-pip; without one: list them
	@$(MAKE) -C layer1-env break

layer1-check: ## Grade your repair [SCENARIO=no-pip]
	@$(MAKE) -C layer1-env check

.PHONY: layer3-break layer3-check
layer3-break: ## Break it on purpose: SCENARIO=burn or signature
	@$(LAYERCTL) drill break 3 "$$SCENARIO"

layer3-check: ## Grade your repair
	@$(LAYERCTL) drill check 3 "$$SCENARIO"

.PHONY: evidence
evidence: ## Show what the last runs found
	@$(LAYERCTL) evidence

##@ Prove
.PHONY: test
test: ## Lint, types, unit, integration and end-to-end tests [ENGINE=all] [LAYER=n] [STRICT=1] [LANES=2]
	@$(LAYERCTL) test

.PHONY: engines
engines: ## Provide Docker, a registry, systemd, servers, checkers [ENGINE='docker kind']
	@.ci/engines/up $$ENGINE

.PHONY: lint
lint: ## Ruff, Black, ShellCheck, shfmt, mypy
	@$(LAYERCTL) test lint types

.PHONY: types
types: ## mypy alone, strict
	@$(LAYERCTL) test types

.PHONY: verify
verify: ## README table, generated files and evidence against the code
	@$(LAYERCTL) test verify

.PHONY: secrets
secrets: ## Look for secrets in every commit and in what is not committed yet
	@.ci/secrets

.PHONY: dependencies
export BASE
dependencies: ## Show and judge what changed in the lock files [BASE=origin/main]
	@layer2-tooling/review/run "$$BASE"

.PHONY: fmt
fmt: ## Format Python and shell
	@layer2-tooling/layerctl/fmt.sh

.PHONY: docs
docs: ## Write the generated parts of the README and the SLO twin
	@layer2-tooling/layerctl/docs.sh

##@ Stop
.PHONY: down
down: ## Stop what still runs: a kept Spark, a drill
	@$(LAYERCTL) down

.PHONY: clean
clean: down ## Remove what runs have made below .run/, environments stay; prints it
	@$(LAYERCTL) clean

.PHONY: distclean
distclean: down ## Remove all of .run/; the download cache stays
	@$(LAYERCTL) clean --all

.PHONY: help
help:
	@echo 'Start    make doctor, make layer3'
	@echo 'Learn    make layer3-break SCENARIO=burn, make layer3-check'
	@echo 'Explore  make layer0 ... make layer5, make test, make help-all'
	@echo 'Stop     make down, make clean'

.PHONY: help-all
help-all: ## Every target
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' Makefile

# The two commands are `make run` and `make test`. Everything is in tasks.py, which Windows calls without make.
# Python 3.11 or later and make are all that must be there; choose another Python with `make test PYTHON=python3.12`.
PYTHON ?= $(firstword $(foreach name,python3 python python3.13 python3.12 python3.11,$(shell command -v $(name) 2>/dev/null)))
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test setup lint catalogue bench reference

run: ## Prépare l'environnement, exécute les carnets, écrit exports/
test: ## Prépare l'environnement, passe tous les contrôles
setup: ## Prépare l'environnement seulement
lint: ## Style, types, étages
catalogue: ## Compile les messages français
bench: ## Mesures de vitesse
reference: ## Recalcule les valeurs de référence avec R

run test setup lint catalogue bench reference:
	@"$(or $(PYTHON),python3)" tasks.py $@ $(ARGS)

help: ## Cette aide
	@sed -n 's/^\([a-z]*\): ## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

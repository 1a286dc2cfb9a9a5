# The two commands are `make run` and `make test`; tasks.py does the work, so that Windows has them without make.
# Python 3.11 or later is all that must be there. Choose one with `make test PYTHON=python3.12`;
# pass arguments with `make run ARGS=reze_barometre_rh`.
PYTHON ?= $(shell command -v python3 || command -v python || echo python3)
ARGS ?=

.PHONY: help run test setup lint catalogue bench reference
help run test setup lint catalogue bench reference:
	@"$(PYTHON)" tasks.py $@ $(ARGS)

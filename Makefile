# Two commands matter: `make run` opens a living community in the browser, `make test` proves that it works.
# Everything runs as `.venv/bin/python -m …`: the scripts in .venv/bin break in a folder whose path has a space.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
PY := .venv/bin/python

# The first Python 3.11 that answers; else any, which is then told so. A name alone is not enough: version
# managers leave a `python3.11` behind that only prints an error.
ifndef PYTHON
PYTHON := $(shell for p in python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo "$$p" && exit; done; \
	command -v python3 || command -v python || echo python3.11)
endif
GET_PYTHON := Install 3.11 (Debian 12: sudo apt install python3.11 python3.11-venv; macOS: brew install \
	python@3.11; elsewhere: pyenv install 3.11), then name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11

define build
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "Scionwood needs Python 3.11, and '$(PYTHON)' is not there. $(GET_PYTHON)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.version_info[:2] == (3, 11) or sys.exit("Scionwood needs Python 3.11, and \
	%s is %d.%d. %s" % ((sys.executable,) + sys.version_info[:2] + (sys.argv[1],)))' "$(GET_PYTHON)"
	@"$(PYTHON)" -m config.environment $(1)
endef

.PHONY: help run test check bench soak shots lock

help: ## one line a target
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

run: ## the community at http://127.0.0.1:8000 (PORT=8001: elsewhere, DEMO=0: empty); Ctrl-C stops all
	$(call build)
	@exec $(PY) -m config.launch

test: ## the whole suite on SQLite and PostgreSQL, with a real browser (T=path: only that; DB=sqlite or postgres)
	$(call build,--dev)
	@exec $(PY) -m tests $(T)

check: ## linters, formatters, types, import contracts, missing migrations, templates, proportions
	$(call build,--dev)
	@exec $(PY) -m tests.check

bench: ## speed and quality beside the peers, one table (EVAL=DIR, BENCH_JSON=FILE)
	$(call build,--dev)
	@exec $(PY) -m benchmarks

soak: ## the long trust runs (ONLY=name, SCALE=0.02…1)
	$(call build,--dev)
	@exec $(PY) -m tests.soak

shots: ## makes the README's screenshot again
	$(call build,--dev)
	@exec $(PY) -m tests.shots

lock: ## resolves the dependencies of pyproject.toml again and writes both lock files
	$(call build,--dev)
	@exec $(PY) -m config.lock

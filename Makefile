# Needs Python 3.11 to 3.13 and make. Everything else goes into $(VENV), at the versions of constraints.txt.
#
#   make test                          the tests, but for those of `make test-slow` and `make sweep`
#   make test PYTHON=python3.13 VENV=.venv-3.13

VENV ?= .venv
# The versions that are installed, and of which extra.
CONSTRAINTS ?= constraints.txt
EXTRA ?= dev
# Tests wait more than they work, so that a few processes, each with a server of its own, share two cores well.
JOBS ?= 3
# Of a sweep, the share in percent, and what it is drawn by; which part, of how many; and, if not empty, the file in
# which the tests are noted that have passed: they are not run again.
SAMPLE ?= 100
SEED ?=
SHARD ?= 1/1
RESUME ?=
# Of a soak, how many pauses are open, and for how long they are decided.
PAUSES ?= 10000
MINUTES ?= 60
# Of the benchmarks and of their growth, which (all, or names with commas); how many pairs of rounds, or rounds of a
# point; of the repetitions within a round, the share in percent; of those with a size, which; how many runs are
# sampled for the flame graph; and where the samples go.
ONLY ?=
PAIRS ?= 10
ROUNDS ?= 3
SHARE ?= 100
SIZE ?=
RUNS ?= 2000
BENCH_JSON ?= benchmarks.json
GROWTH_JSON ?= growth.json
FLAME_JSON ?= flame.json
# An environment that stands already is its own Python, whatever `python3` means today.
PYTHON ?= $(if $(wildcard $(VENV)/bin/python),$(VENV)/bin/python,python3)

# Each process of the tests imports them all: without this, a third of that is compiling the same files again.
unexport PYTHONDONTWRITEBYTECODE

STAMP := $(VENV)/.installed
DRAWING := $(VENV)/.installed-bench
# The environment first on the PATH: tests and examples find its `temporal` there.
RUN := PATH="$(abspath $(VENV))/bin:$$PATH" $(VENV)/bin/python -m

# Both checks must parse under any Python, old ones too: their point is to say so clearly.
SUPPORTED := import sys; v = sys.version_info; \
	sys.exit(0 if (3, 11) <= v[:2] <= (3, 13) else "agno-temporal needs Python 3.11, 3.12 or 3.13, \
	and $(PYTHON) is %d.%d. Choose another: make PYTHON=python3.12 ..." % v[:2])
SAME := import sys; have = "%d.%d" % sys.version_info[:2]; \
	sys.exit(0 if have == sys.argv[1] else "$(VENV) was made with Python %s and $(PYTHON) is %s. \
	Remove $(VENV), or choose another place: make VENV=.venv-%s ..." % (have, sys.argv[1], sys.argv[1]))

CORE := agno_temporal tests/bridge tests/contract tests/hitl tests/model/test_rules.py tests/plan tests/replay $(wildcard tests/test_*.py) \
	$(addprefix tests/running/test_,embedded.py executor_pauses.py gates_together.py) \
	$(addprefix tests/webhooks/test_,configuration.py targets.py)

.DEFAULT_GOAL := help
.PHONY: help setup check-python test test-core test-lowest test-slow sweep soak explore bench growth flame figures lint types demo

help:
	@echo "make test       run the tests, but for the slow ones and the sweeps"
	@echo "make test-core  run those tests that another Python could break: without comparisons, databases and examples"
	@echo "make test-lowest  run a part of them with the lowest versions that are allowed:"
	@echo "                VENV=.venv-lowest CONSTRAINTS=constraints-lowest.txt EXTRA=test"
	@echo "make test-slow  run those that take long, such as kills"
	@echo "make sweep      run every case of the cross products, or a share of them: SAMPLE=25 SEED=anything"
	@echo "                a part of it: SHARD=1/4; one that can be broken off and goes on: RESUME=FILE"
	@echo "make soak       many open pauses, decided for an hour while workers are killed: PAUSES=10000 MINUTES=60"
	@echo "make explore    compare workflows with agno that are drawn anew each time"
	@echo "make bench      compare with workflows written by hand: ONLY=five_steps,pause PAIRS=10 SHARE=100"
	@echo "make growth     how what a run costs grows: ONLY=steps,loop ROUNDS=3 SHARE=100"
	@echo "make flame      sample the worker of the five steps: RUNS=2000"
	@echo "make figures    draw what these three have measured, and write it into docs/performance.md"
	@echo "make lint       ruff: rules and format"
	@echo "make types      mypy, strict"
	@echo "make demo       run the demonstration"
	@echo "make setup      only install, into $(VENV)"
	@echo "Variables: PYTHON (which one makes the environment), VENV (where it stands), JOBS (how many tests run at once)"

test: setup
	$(RUN) pytest -n $(JOBS) --dist worksteal -m "not slow and not sweep and not explore"

test-core: setup
	$(RUN) pytest -n $(JOBS) --dist worksteal -m "not slow and not sweep and not explore" $(CORE)

# In an environment of its own: VENV=.venv-lowest CONSTRAINTS=constraints-lowest.txt EXTRA=test
test-lowest: setup
	$(RUN) pytest -n $(JOBS) --dist worksteal -m "not slow and not sweep and not explore" $(CORE) tests/cli \
		$(wildcard $(addprefix tests/api/test_,events*.py re*.py runs.py telemetry.py tokens.py workflows.py))

test-slow: setup
	$(RUN) pytest -n $(JOBS) --dist worksteal -m "slow and not sweep"

sweep: setup
	$(RUN) pytest -n $(JOBS) --dist worksteal -m sweep --sample $(SAMPLE) --seed "$(SEED)" \
		--shard $(SHARD) $(if $(RESUME),--finished $(RESUME))

soak: setup
	$(RUN) tests.soak --pauses $(PAUSES) --minutes $(MINUTES)

explore: setup
	$(RUN) pytest -m explore

lint: setup
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types: setup
	$(RUN) mypy

bench: setup
	$(RUN) benchmarks $(if $(ONLY),--only $(ONLY)) --pairs $(PAIRS) --share $(SHARE) $(if $(SIZE),--size $(SIZE)) \
		--json $(BENCH_JSON)

growth: setup
	$(RUN) benchmarks.growth $(if $(ONLY),--only $(ONLY)) --rounds $(ROUNDS) --share $(SHARE) --json $(GROWTH_JSON)

flame: $(DRAWING)
	$(RUN) benchmarks.flame --runs $(RUNS) --json $(FLAME_JSON)

figures: $(DRAWING)
	$(RUN) benchmarks.pictures --bench $(BENCH_JSON) --growth $(GROWTH_JSON) --flame $(FLAME_JSON)

demo: setup
	$(RUN) examples.demo

setup: $(STAMP)

# pip is looked for, not python: where ensurepip is missing, `-m venv` fails and leaves a python behind.
# Two variables, because pip moved the constraints of build environments from the first to the second in 25.3.
$(STAMP): pyproject.toml $(CONSTRAINTS) | check-python
	@test -x "$(VENV)/bin/pip" || "$(PYTHON)" -m venv "$(VENV)"
	PIP_CONSTRAINT=$(CONSTRAINTS) PIP_BUILD_CONSTRAINT=$(CONSTRAINTS) $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[$(EXTRA)]'
	@touch $@

$(DRAWING): $(STAMP)
	PIP_CONSTRAINT=$(CONSTRAINTS) $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	@touch $@

check-python:
	@"$(PYTHON)" -c '' || { echo "$(PYTHON) does not run. Choose another: make PYTHON=python3.12 ..." \
		"(and remove $(VENV) if it is the leftover of a Python that is gone)" >&2; exit 1; }
	@"$(PYTHON)" -c '$(SUPPORTED)'
	@test ! -x "$(VENV)/bin/python" || \
		"$(VENV)/bin/python" -c '$(SAME)' "$$("$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"

# Set-up, checks and benchmarks; `make help` lists the targets.
#
# Everything lives in .venv. The package is installed there editable, so that tests, types and documentation see the
# files of this folder; `make wheel-test` checks the wheel that users install.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Exact versions of all that is installed. To take newer ones: make clean, make CONSTRAINTS=, make constraints.
CONSTRAINTS ?= constraints.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install $(CONSTRAINTS:%=--constraint %)

CREATED := $(VENV)/created.stamp
INSTALLED := $(VENV)/installed.stamp
TRAINING := $(VENV)/training.stamp
TOOLS := $(VENV)/tools.stamp
PEERS := $(VENV)/peers.stamp
INTEROP := $(VENV)-interop

# The checks start hundreds of processes, and one that must not store compiled modules compiles all of ours anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := install
.PHONY: help demo install constraints test test-lowest slow-test interop-test lint format types docs-test docs-update site regenerate \
	wheel-test sbom bench mutation reliability clean

help: ## list the targets
	@echo "usage: make TARGET [PYTHON=/path/to/python3]"
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' $(MAKEFILE_LIST) | expand -t 16

install: $(TOOLS) ## install udt (editable) and the development tools into .venv

constraints: $(TOOLS) ## write the versions in .venv to constraints.txt
	@$(BIN)/python tests/house/constraints.py > $(VENV)/constraints.txt
	@cmp -s $(VENV)/constraints.txt constraints.txt || cp $(VENV)/constraints.txt constraints.txt

DEMO := $(VENV)/demo
# Fewer train and evaluate in less time, to worse scores.
PHANTOMS ?= 2000

demo: $(TRAINING) ## install into .venv, then normalise, draw, query, train on phantoms and evaluate
	@rm -rf $(DEMO) && mkdir $(DEMO)
	@echo; echo "== 1/8: the findings of six reports"
	$(BIN)/udt normalize examples/reports --format table
	@echo; echo "== 2/8: one report explained, span by span"
	$(BIN)/udt normalize examples/reports/thyroid.txt --explain
	@echo; echo "== 3/8: its findings as a graph, here and as a picture"
	$(BIN)/udt graph examples/reports/thyroid.txt
	$(BIN)/udt graph examples/reports/thyroid.txt --out $(DEMO)/thyroid.png
	@echo; echo "== 4/8: a question to the taxonomy in SPARQL"
	$(BIN)/udt query --preset organs-of-system --param system=Thorax
	@echo; echo "== 5/8: one structure in the taxonomy"
	$(BIN)/udt taxonomy show gallbladder
	@echo; echo "== 6/8: twelve captions as a database, as RDF, and two questions to them"
	$(BIN)/udt data import examples/reports.csv --db $(DEMO)/records.db --map id=case --map text=caption --normalize --source examples
	$(BIN)/udt data to-rdf --db $(DEMO)/records.db --store $(DEMO)/store
	$(BIN)/udt query --store $(DEMO)/store --preset lesions-above --param millimetres=10
	$(BIN)/udt query --store $(DEMO)/store --preset findings-by-certainty --param certainty=ns:Absent
	@echo; echo "== 7/8: phantoms, and a dual encoder trained on them, on top of frozen pretrained towers"
	$(BIN)/udt data phantoms --out $(DEMO)/phantoms --count $(PHANTOMS) --size 96
	@echo "the training encodes each image once, which takes longer than all of its steps"
	$(BIN)/udt train --preset demo --data $(DEMO)/phantoms --out $(DEMO)/run
	@echo; echo "== 8/8: its scores on unseen phantoms"
	@echo "model    the dual encoder: it was trained on captions and prompts, and classifies by the closest prompt"
	@echo "pixels   a classifier that was trained on the labels themselves, of 32 × 32 grey pixels"
	@echo "probe    the same of the features of the frozen image tower"
	@echo "ECE      expected calibration error of the model: 0 is best"
	@echo "R@k      share of images (texts) whose text (image) is among the k closest; right are all of the same caption, the"
	@echo "         partner alone, or all of the same case"
	@echo
	$(BIN)/udt evaluate model $(DEMO)/run $(DEMO)/phantoms --split test --present --batch-size 16 --out $(DEMO)/evaluation

# With COVERAGE=1, lines and branches are counted and compared with the floors in pyproject.toml. The lexicon is compiled
# anew then: one that an earlier run has stored would leave the lines that build it uncounted.
COVERAGE ?=
COUNTED := $(VENV)/coverage.json
COUNTED_CACHE := $(VENV)/coverage-cache

# Each process runs a part of the tests in their order, so that what those of a folder share is made once; one that is
# done early takes over half of what another has left.
XDIST := -n auto --dist worksteal

test: $(TOOLS) ## run the unit tests
	@echo "== test: unit tests"
	@rm -rf $(COUNTED_CACHE)
	@$(if $(COVERAGE),UDT_CACHE_DIR="$(CURDIR)/$(COUNTED_CACHE)") $(BIN)/python -m pytest -q $(XDIST) \
		-m "not slow and not docs" \
		$(if $(COVERAGE),--cov --cov-report=json:$(COUNTED) --cov-report=)
	@$(if $(COVERAGE),$(BIN)/python tests/house/coverage_floors.py $(COUNTED))

slow-test: $(TOOLS) ## run the slow tests: reasoner, PostgreSQL, stores on disk
	@echo "== slow-test: reasoner, PostgreSQL, stores on disk"
	@$(BIN)/python -m pytest -q $(XDIST) -m slow tests --ignore tests/packaging \
		--ignore tests/taxonomy/export/test_interoperability.py

interop-test: $(TOOLS) $(INTEROP)/installed.stamp ## load the exports of the taxonomy with the tools of others
	@echo "== interop-test: pronto, OAK, owlready2, rdflib and sssom"
	@UDT_INTEROP_PYTHON=$(abspath $(INTEROP))/bin/python $(BIN)/python -m pytest -q $(XDIST) -m slow \
		tests/taxonomy/export/test_interoperability.py

# Unit tests on another Python, where there is one: the folders whose code meets the standard library and other packages.
NEWEST := bundle cli/test_normalize.py core integrations io lexicon query \
	$(addprefix records/,database deidentify extraction importing media release review test_backup.py)
test-%: pyproject.toml constraints.txt
	@tests/house/other_python.sh $* $(VENV)-$* constraints.txt $(NEWEST:%=tests/%)

# The same on the oldest Python, with the lowest versions that pyproject.toml allows.
LOWEST := bundle core corpus graphkit integrations io query taxonomy \
	$(addprefix records/,browsing database deidentify extraction importing media release review)
test-lowest: $(CREATED) ## run unit tests with the lowest versions of the dependencies
	@$(BIN)/python tests/house/lowest.py pyproject.toml > $(VENV)/lowest.txt
	@tests/house/other_python.sh 3.11 $(VENV)-lowest $(VENV)/lowest.txt -W ignore $(LOWEST:%=tests/%)

lint: $(TOOLS) ## check style and formatting
	@echo "== lint: ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== lint: import contracts"
	@$(BIN)/lint-imports --no-logo
	@echo "== lint: words of docstrings, comments, messages and pages"
	@$(BIN)/python tests/house/words.py

format: $(TOOLS) ## mend style and formatting
	@echo "== format: ruff"
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(TOOLS) ## check the types
	@echo "== types: mypy --strict"
	@$(BIN)/mypy --strict

docs-test: $(TOOLS) ## run every example of README, docs/ and the docstrings
	@echo "== docs-test: README.md and docs/"
	@$(BIN)/python -m pytest -q $(XDIST) -m docs tests/docs
	@echo "== docs-test: docstrings"
	@$(BIN)/python -m pytest -q --doctest-modules udt --ignore-glob='*/graphkit/convert/pyg.py' --ignore-glob='*/migrations/*'

docs-update: $(TOOLS) ## write the present output of every example into README and docs/
	@echo "== docs-update: README.md and docs/"
	@$(BIN)/python -m tests.docs.pages

site: $(TOOLS) ## build the documentation site into site/
	@echo "== site: mkdocs"
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

regenerate: $(TOOLS) ## update the generated files of ontology/generated
	@$(BIN)/python -m udt.taxonomy.quality.regenerate

wheel-test: $(TOOLS) ## build compiled and pure wheels, compare them, and use one in an empty environment
	@echo "== wheel-test: build, install, run"
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup -m slow tests/packaging

sbom: $(TOOLS) ## build a compiled wheel into dist/, with its bill of materials (CycloneDX)
	@echo "== sbom: wheel and bill of materials"
	@rm -rf build $(VENV)-sbom && mkdir -p dist $(VENV)-sbom
	@UDT_COMPILE=1 $(BIN)/python -m pip --disable-pip-version-check --quiet wheel --no-build-isolation --no-deps \
		--wheel-dir dist .
	@version=$$($(BIN)/python -c 'from udt.core.version import __version__; print(__version__)'); \
		PYTHON=$(BIN)/python tests/house/sbom.sh dist/udt_toolkit-$$version-*.whl dist/udt_toolkit-$$version.cdx.json \
		$(VENV)-sbom
	@ls dist/*.cdx.json

bench: $(PEERS) ## compare speed and memory with other tools
	@echo "== bench: normalisation"
	@PYTHONPATH=benchmarks $(BIN)/python benchmarks/normalize.py

# MODULES=match/legend, SAMPLE=200 and SEED=2 run a part of the mutants.
mutation: $(TOOLS) ## change one condition of the reading rules at a time, and list the changes that no test notices
	@echo "== mutation: udt/normalize"
	@$(BIN)/python benchmarks/mutation.py $(MODULES) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) --write

reliability: $(TOOLS) ## carry out every attack, of which the slow tests take a sample (an hour)
	@echo "== reliability: texts, files, extensions, queries, signals"
	@$(BIN)/python benchmarks/reliability.py

clean: ## remove .venv, build folders and caches
	@echo "== clean"
	@rm -rf $(VENV) $(VENV)-3.* $(VENV)-lowest $(VENV)-sbom $(INTEROP) build dist site udt_toolkit.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .mutation.json
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

define NO_PYTHON
there is no command '$(PYTHON)'; install Python 3.11 or newer, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3
endef
define OLD_PYTHON
needs Python 3.11 or newer; install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3
endef
define NO_PIP
'$(PYTHON)' cannot make a virtual environment, because its module 'ensurepip' is missing. \
On Debian and Ubuntu: apt-get install python3-venv. Or name another Python: make $(MAKECMDGOALS) PYTHON=/path/to/python3
endef

$(CREATED):
	@command -v $(PYTHON) >/dev/null || { echo "$(NO_PYTHON)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "'$(PYTHON)' is $$($(PYTHON) --version 2>&1); udt $(OLD_PYTHON)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(NO_PIP)" >&2; exit 1; }
	@echo "== creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(INSTALLED): pyproject.toml $(CONSTRAINTS) $(CREATED)
	@echo "== installing what udt needs into $(VENV)"
	@$(PIP) --editable '.[plot]'
	@touch $@

$(TRAINING): $(INSTALLED)
	@echo "== installing what training needs into $(VENV)"
# Before anything that depends on it: asked for alone, pip takes a CPU build where one is at hand.
	@$(PIP) torch
	@$(PIP) --editable '.[towers]'
	@touch $@

$(TOOLS): $(TRAINING)
	@echo "== installing the development tools into $(VENV)"
	@$(PIP) --editable '.[dev]'
	@touch $@

$(INTEROP)/installed.stamp: tests/house/interop.txt $(CREATED)
	@echo "== installing OAK and sssom into $(INTEROP)"
	@$(BIN)/python -m venv --clear $(INTEROP)
	@$(INTEROP)/bin/python -m pip --disable-pip-version-check --quiet install --no-compile --no-deps --requirement $<
	@touch $@

$(PEERS): $(INSTALLED)
	@echo "== installing the tools to compare with into $(VENV)"
	@$(PIP) --editable '.[bench]'
	@touch $@

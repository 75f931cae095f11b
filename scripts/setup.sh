#!/usr/bin/env bash
# Installs what building and testing need, on Debian or Ubuntu. Harmless to run again.
set -euo pipefail

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need cc build-essential
need make make
need git git
need chromium chromium
need python3 python3
need curl curl
need wrk wrk
need openssl openssl
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)
fc-list 2>/dev/null | grep -qi 'noto.*cjk' || missing+=(fonts-noto-cjk fontconfig)
if [ "${#missing[@]}" -gt 0 ]; then
  say "installing ${missing[*]}"
  as_root apt-get update -q >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
fi

if ! command -v cargo >/dev/null 2>&1; then
  say "cargo is missing: install stable Rust with rustup, then run this again"; exit 1
fi
if ! command -v node >/dev/null 2>&1 || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  say "Node 20 or newer is missing: install it, then run this again"; exit 1
fi
if ! cargo nextest --version >/dev/null 2>&1; then
  say "installing cargo-nextest (a few minutes, once)"
  cargo install --locked cargo-nextest >&2
fi

#!/usr/bin/env bash
# The browser tests of the console, over a small synthetic city that the main job has worked on.
set -euo pipefail
cd "$(dirname "$0")/.."
huimin="${HUIMIN:?}"
work="$(mktemp -d)"
server="" fiscal=""
cleanup() {
  [ -n "$server" ] && kill "$server" 2>/dev/null || true
  [ -n "$fiscal" ] && kill "$fiscal" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
. scripts/lib/small_city.sh
small_city "$work" 3000 2
serve_city "$work"
cd web
BASE_URL="http://$address" HUIMIN_USER=auditor HUIMIN_PASSWORD="$password" npm run e2e

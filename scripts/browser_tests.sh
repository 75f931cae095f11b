#!/usr/bin/env bash
# The browser tests, over a small synthetic city that the main job has worked on: browser_tests.sh [FILES within web/e2e]
set -euo pipefail
cd "$(dirname "$0")/.."
huimin="${HUIMIN:?}"
work="$(mktemp -d)"
server="" fiscal="" sms="" provider=""
cleanup() {
  [ -n "$server" ] && kill "$server" 2>/dev/null || true
  [ -n "$fiscal" ] && kill "$fiscal" 2>/dev/null || true
  [ -n "$sms" ] && kill "$sms" 2>/dev/null || true
  [ -n "$provider" ] && kill "$provider" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
. scripts/lib/small_city.sh
. scripts/lib/provider.sh
provides=provide

small_city "$work" 4000 2
serve_city "$work"
cd web
BASE_URL="http://$address" HUIMIN_USER=auditor HUIMIN_PASSWORD="$password" HUIMIN_TEST_SMS="$messages" HUIMIN_TEST_CITIZENS="$citizens" \
  node --test --test-concurrency=1 ${@:-e2e/*.e2e.mjs}

#!/usr/bin/env bash
# Takes the pictures of the console at two widths in both languages: screenshots.sh [FOLDER]
# Those that the READMEs show are then made small enough to be committed.
set -euo pipefail
cd "$(dirname "$0")/.."
huimin="${HUIMIN:?}"
pictures="$(realpath -m "${1:-docs/images}")"
work="$(mktemp -d)"
server="" fiscal="" sms=""
cleanup() {
  [ -n "$server" ] && kill "$server" 2>/dev/null || true
  [ -n "$fiscal" ] && kill "$fiscal" 2>/dev/null || true
  [ -n "$sms" ] && kill "$sms" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
. scripts/lib/small_city.sh
small_city "$work" "${PEOPLE:-20000}" "${MONTHS:-3}"
serve_city "$work"
cd web
BASE_URL="http://$address" HUIMIN_USER=auditor HUIMIN_PASSWORD="$password" HUIMIN_TEST_SMS="$messages" HUIMIN_TEST_CITIZENS="$citizens" npm run screenshots -- "$pictures"

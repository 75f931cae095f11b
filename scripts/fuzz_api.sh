#!/usr/bin/env bash
# Sends made-up requests to the API of a small synthetic city, as four accounts, a citizen and a program: fuzz_api.sh [OPTIONS of fuzz_api.py]
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
small_city "$work" 2000 1
serve_city "$work"
scripts/with_python.sh scripts/fuzz_api.py --url "http://$address" --password "$password" --messages "$messages" --citizens "$citizens" "$@"

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

# An OpenID provider, to which the console's address is known before it is served.
provide() {
  listen="127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
  export HUIMIN_PUBLIC_URL="http://$listen" HUIMIN_OIDC_STAFF_SECRET="test-only-secret" HUIMIN_OIDC_CITIZENS_SECRET="test-only-secret"
  APP="$HUIMIN_PUBLIC_URL" CLIENT_SECRET="$HUIMIN_OIDC_STAFF_SECRET" CITIZENS="$citizens" node web/e2e/provider.mjs >"$1/provider.address" 2>"$1/provider.log" &
  provider=$!
  for _ in $(seq 100); do [ -s "$1/provider.address" ] && break; sleep 0.1; done
  [ -s "$1/provider.address" ] || { cat "$1/provider.log" >&2; return 1; }
  local issuer
  issuer="$(head -n1 "$1/provider.address")"
  export HUIMIN_OIDC_STAFF_ISSUER="$issuer" HUIMIN_OIDC_STAFF_CLIENT_ID=console HUIMIN_OIDC_STAFF_NAME=统一身份认证 HUIMIN_OIDC_STAFF_NAME_EN="Unified identity"
  export HUIMIN_OIDC_CITIZENS_ISSUER="$issuer" HUIMIN_OIDC_CITIZENS_CLIENT_ID=portal HUIMIN_OIDC_CITIZENS_NAME=网上办事账号 HUIMIN_OIDC_CITIZENS_NAME_EN="Online account"
}
provides=provide

small_city "$work" 3000 2
serve_city "$work"
cd web
BASE_URL="http://$address" HUIMIN_USER=auditor HUIMIN_PASSWORD="$password" HUIMIN_TEST_SMS="$messages" HUIMIN_TEST_CITIZENS="$citizens" \
  node --test --test-concurrency=1 ${@:-e2e/*.e2e.mjs}

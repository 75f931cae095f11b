# Shell function, sourced: a real OpenID provider (npm's oidc-provider) for a small city. `provides=provide` before serve_city.

# provide FOLDER: starts it, with the console's address known before it is served; sets $provider and what `serve` is told of it.
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

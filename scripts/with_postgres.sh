#!/usr/bin/env bash
# Runs a command with HUIMIN_TEST_POSTGRES set to the URL of a PostgreSQL server on which the tests may make schemas:
# the one that the variable names already, else one of our own in a temporary folder, which ends with the command.
set -euo pipefail

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
newest() { find /usr/lib/postgresql -maxdepth 3 -path '*/bin/pg_ctl' 2>/dev/null | sort -V | tail -n 1; }

[ "$#" -gt 0 ] || { say "usage: $0 COMMAND [ARGUMENT…]"; exit 2; }
[ -z "${HUIMIN_TEST_POSTGRES:-}" ] || exec "$@"

if [ -z "$(newest)" ]; then
  say "installing postgresql"
  as_root apt-get update -q >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql >&2
fi
bin=$(dirname "$(newest)")
major=$("$bin/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
[ "$major" -ge 15 ] || { say "PostgreSQL $major is too old: install 15 or newer, then run this again"; exit 1; }

# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then as_server() { runuser -u postgres -- "$@"; }; else as_server() { "$@"; }; fi
folder=$(mktemp -d)
started=
finish() {
  [ -z "$started" ] || as_server "$bin/pg_ctl" --pgdata "$folder/data" --mode immediate --silent stop || true
  rm -rf "$folder"
}
trap finish EXIT
chmod 711 "$folder"
install -d -m 700 "$folder/data" "$folder/socket"
[ "$(id -u)" != 0 ] || chown postgres "$folder/data" "$folder/socket"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cd "$folder"
as_server "$bin/initdb" --pgdata data --username huimin --auth trust --encoding UTF8 --locale C --no-sync >"$folder/initdb.log" 2>&1 \
  || { cat "$folder/initdb.log" >&2; say "initdb failed"; exit 1; }
# Power cuts are not what these tests are about, so that nothing is flushed; what measures writing asks for it.
as_server "$bin/pg_ctl" --pgdata data --wait --silent --log data/server.log \
  --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder/socket -c fsync=${HUIMIN_TEST_POSTGRES_FSYNC:-off} -c max_connections=200" start >&2 \
  || { cat data/server.log >&2; say "PostgreSQL did not start"; exit 1; }
started=yes
cd "$OLDPWD"
export HUIMIN_TEST_POSTGRES="postgres://huimin@127.0.0.1:$port/postgres"
"$@"

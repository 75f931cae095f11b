#!/usr/bin/env bash
# A synthetic city, the main job month by month, payments for all months but the last, and the console.
# Environment: HUIMIN (binary), OUT (folder), PEOPLE, MONTHS, LISTEN.
set -euo pipefail
cd "$(dirname "$0")/.."
huimin="${HUIMIN:?}"
out="${OUT:-out}/demo"
people="${PEOPLE:-100000}"
months="${MONTHS:-9}"
listen="${LISTEN:-127.0.0.1:8080}"
pack=city/guangzhou
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

mkdir -p "$out"
if [ ! -f "$out/city/done-$people-$months" ]; then
  say "1. A synthetic city of $people people, $months months"
  rm -rf "$out/city" "$out/data"
  "$huimin" sim generate --people "$people" --start 2024-01 --months "$months" --seed 1 --out "$out/city"
  touch "$out/city/done-$people-$months"
fi

say "2. The main job, month by month"
rm -f "$out/fiscal.address"
"$huimin" sim fiscal --listen 127.0.0.1:0 --journal "$out/fiscal.journal" --seed 1 > "$out/fiscal.address" &
fiscal=$!
trap 'kill "$fiscal" 2>/dev/null || true' EXIT
for _ in $(seq 100); do [ -s "$out/fiscal.address" ] && break; sleep 0.1; done
address="$(head -n1 "$out/fiscal.address" | grep -oE '[0-9.]+:[0-9]+')"

last=""
for folder in "$out"/city/feeds/*/; do last="$(basename "$folder")"; done
for folder in "$out"/city/feeds/*/; do
  period="$(basename "$folder")"
  if [ -f "$out/data/paid-$period" ]; then continue; fi
  "$huimin" run --pack "$pack" --feeds "$out/city/feeds" --data "$out/data" --period "$period"
  if [ "$period" != "$last" ]; then
    "$huimin" batch approve --data "$out/data" --period "$period" --user demo-officer
    "$huimin" batch approve --data "$out/data" --period "$period" --user demo-director
    "$huimin" batch send --pack "$pack" --data "$out/data" --period "$period" --fiscal "http://$address"
    "$huimin" batch receive --data "$out/data" --period "$period" --fiscal "http://$address"
    touch "$out/data/paid-$period"
  fi
done

say "3. How right it is, against the truth that the main job never saw"
"$huimin" sim score --truth "$out/city/truth" --data "$out/data" --period "$last"

password="${HUIMIN_ADMIN_PASSWORD:-$(head -c 9 /dev/urandom | base64 | tr '+/' 'xy')}"
printf '%s' "$password" | "$huimin" user set --data "$out/data" --username admin --display-name 演示管理员 --password-stdin

# Nothing more is sent: the finance system ends here, because the server takes this process's place.
kill "$fiscal" && trap - EXIT
say "4. The console: http://$listen   sign in as  admin  with  $password"
exec "$huimin" serve --data "$out/data" --pack "$pack" --listen "$listen"

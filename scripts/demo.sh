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
"$huimin" organisation import --data "$out/data" --pack "$pack" > /dev/null
# account USERNAME NAME ORGANISATION ROLE [PURPOSE]
account() {
  printf '%s' "$password" | "$huimin" user set --data "$out/data" --username "$1" --display-name "$2" --organisation "$3" \
    --role "$4" ${5:+--grant "$5"} --password-stdin > /dev/null
}
account policy   政策科演示   ca-4401      policy_officer  policy_work
account district 越秀区演示   ca-440104    case_worker     casework
account steward  数据科演示   ca-4401      data_steward    data_quality
account finance  财务科演示   ca-4401      finance_officer payment
account auditor  审计演示     ca-4401      auditor         supervision
account system   系统管理演示 ca-4401      system_admin
account security 安全管理演示 ca-4401      security_admin
account trail    审计管理演示 ca-4401      audit_admin

# Nothing more is paid: the finance system ends here.
kill "$fiscal" && trap - EXIT
rm -f "$out/sms.address"
"$huimin" sim sms --listen "${SMS_LISTEN:-127.0.0.1:9091}" > "$out/sms.address" &
sms=$!
trap 'kill "$sms" 2>/dev/null || true' EXIT
for _ in $(seq 100); do [ -s "$out/sms.address" ] && break; sleep 0.1; done
messages="http://$(head -n1 "$out/sms.address" | grep -oE '[0-9.]+:[0-9]+')"
citizen="$(python3 scripts/lib/citizens.py "$out/city/feeds/2024-01" 1)"

say "4. The portal for citizens: http://$listen   the codes that it sends: $messages"
echo "   somebody to sign in as: $(grep -oE '"(id_number|name|phone)": "[^"]*"' <<< "$citizen" | cut -d'"' -f4 | paste -sd' ')"
say "5. The console for the staff: http://$listen/console   password of all: $password"
cat <<'ACCOUNTS'
   policy    policy officer of the city          finance   finance officer of the city
   district  case worker of Yuexiu District      auditor   auditor of the city
   steward   data steward of the city
   security  makes accounts   trail  reads the audit trail   system  keeps it running   (see no person)
ACCOUNTS
"$huimin" serve --data "$out/data" --pack "$pack" --listen "$listen" --sms-gateway "$messages"

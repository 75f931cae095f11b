# Shell functions, sourced: a small city that the main job has worked on, and a console over it.

# small_city FOLDER PEOPLE MONTHS: feeds, the main job for each month, payments of all months but the last.
small_city() {
  local work="$1" people="$2" months="$3" last="" period
  "$huimin" sim generate --people "$people" --start 2024-01 --months "$months" --seed 7 --out "$work/city" >"$work/generate.log" 2>&1
  "$huimin" sim fiscal --listen 127.0.0.1:0 --journal "$work/fiscal.journal" --seed 7 >"$work/fiscal.address" 2>"$work/fiscal.log" &
  fiscal=$!
  for _ in $(seq 100); do [ -s "$work/fiscal.address" ] && break; sleep 0.1; done
  local bank
  bank="http://$(head -n1 "$work/fiscal.address" | grep -oE '[0-9.]+:[0-9]+')"
  for folder in "$work"/city/feeds/*/; do last="$(basename "$folder")"; done
  for folder in "$work"/city/feeds/*/; do
    period="$(basename "$folder")"
    "$huimin" run --pack city/guangzhou --feeds "$work/city/feeds" --data "$work/data" --period "$period" >>"$work/run.log" 2>&1
    if [ "$period" != "$last" ] || [ "$months" = 1 ]; then
      "$huimin" batch approve --data "$work/data" --period "$period" --user demo-officer >>"$work/run.log" 2>&1
      "$huimin" batch approve --data "$work/data" --period "$period" --user demo-director >>"$work/run.log" 2>&1
      "$huimin" batch send --pack city/guangzhou --data "$work/data" --period "$period" --fiscal "$bank" >>"$work/run.log" 2>&1
      "$huimin" batch receive --data "$work/data" --period "$period" --fiscal "$bank" >>"$work/run.log" 2>&1
    fi
  done
}

# serve_city FOLDER: a console on a free port, with the accounts `auditor` (sees everything of the city), `security` (looks
# after accounts), `worker` (works on cases in one district), `target` (whom others do things to) and `steward` (looks
# after data), and an SMS gateway that shows what it is sent; sets $server, $address, $password, $sms and $messages (the gateway's
# address), and $citizens: people who can sign in to the portal, as a JSON list. With $provides, a function that is called once these
# are known, OpenID Connect is set up by it (browser_tests.sh).
serve_city() {
  local work="$1"
  password="test-only-$RANDOM-$RANDOM"
  "$huimin" organisation import --data "$work/data" --pack city/guangzhou >/dev/null
  # account USERNAME NAME ORGANISATION ROLE [PURPOSE]
  account() {
    printf '%s' "$password" | "$huimin" user set --data "$work/data" --username "$1" --display-name "$2" --organisation "$3" \
      --role "$4" ${5:+--grant "$5"} --password-stdin >/dev/null
  }
  account auditor  测试员 ca-4401   auditor        supervision
  account security 安全员 ca-4401   security_admin
  account worker   经办员 ca-440104 case_worker    casework
  account target   某某人 ca-440104 case_worker
  account steward  数据员 ca-4401   data_steward   data_quality
  "$huimin" sim sms --listen 127.0.0.1:0 >"$work/sms.address" 2>"$work/sms.log" &
  sms=$!
  for _ in $(seq 100); do [ -s "$work/sms.address" ] && break; sleep 0.1; done
  messages="http://$(head -n1 "$work/sms.address" | grep -oE '[0-9.]+:[0-9]+')"
  citizens="$(python3 scripts/lib/citizens.py "$work/city/feeds/2024-01" 60)"
  local listen=127.0.0.1:0
  [ -z "${provides:-}" ] || "$provides" "$work"
  "$huimin" serve --data "$work/data" --pack city/guangzhou --listen "$listen" --requests-per-minute 0 --sms-gateway "$messages" \
    >"$work/serve.address" 2>"$work/serve.log" &
  server=$!
  for _ in $(seq 100); do grep -qE '[0-9.]+:[0-9]+' "$work/serve.address" 2>/dev/null && break; sleep 0.1; done
  address="$(grep -oE '[0-9.]+:[0-9]+' "$work/serve.address" | head -n1)"
}

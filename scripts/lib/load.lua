-- What wrk sends: each line of the file HUIMIN_LOAD is a path, or a path, a tab and a body, which is posted under a key of
-- its own. Counts the answers by status.
local requests, headers, counter, thread = {}, {}, 0, 0
local threads = {}

function setup(one)
  one:set("number", thread)
  thread = thread + 1
  table.insert(threads, one)
end

function init(arguments)
  for line in io.lines(os.getenv("HUIMIN_LOAD")) do
    local path, body = line:match("^([^\t]*)\t(.*)$")
    table.insert(requests, { path = path or line, body = body })
  end
  headers["Cookie"] = os.getenv("HUIMIN_LOAD_COOKIE")
  headers["Huimin-Purpose"] = os.getenv("HUIMIN_LOAD_PURPOSE")
  answers, statuses = 0, {}
  for _, status in ipairs({ "200", "201", "429", "503", "other" }) do statuses[status] = 0 end
  started = tostring(os.time()) .. "-" .. tostring(number)
end

function request()
  counter = counter + 1
  local one = requests[(counter - 1) % #requests + 1]
  if not one.body then return wrk.format("GET", one.path, headers) end
  headers["Content-Type"] = "application/json"
  headers["Idempotency-Key"] = started .. "-" .. tostring(counter)
  return wrk.format("POST", one.path, headers, one.body)
end

function response(status)
  local name = tostring(status)
  if statuses[name] == nil then name = "other" end
  statuses[name] = statuses[name] + 1
  s200, s201, s429, s503, sother =
    statuses["200"], statuses["201"], statuses["429"], statuses["503"], statuses["other"]
end

function done(summary, latency)
  local sum = { s200 = 0, s201 = 0, s429 = 0, s503 = 0, sother = 0 }
  for _, one in ipairs(threads) do
    for name in pairs(sum) do sum[name] = sum[name] + (one:get(name) or 0) end
  end
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'RESULT {"seconds": %f, "p50_ms": %f, "p99_ms": %f, "ok": %d, "refused": %d, "other": %d, "errors": %d}\n',
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    sum.s200 + sum.s201, sum.s429 + sum.s503, sum.sother, errors
  ))
end

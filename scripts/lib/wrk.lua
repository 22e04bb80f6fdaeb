-- What wrk sends, and the line that it prints at its end; see scripts/measure-http.
--
-- Arguments: the operation (fill, put or get), the number of keys, the bytes of a value, the seed.

local operation, keys, size, written

function init(arguments)
   operation, keys, size = arguments[1], tonumber(arguments[2]), tonumber(arguments[3])
   math.randomseed(tonumber(arguments[4]))
   written = 0
   local letters = {}
   for position = 1, size do letters[position] = string.char(math.random(97, 122)) end
   wrk.body = nil
   if operation ~= "get" then
      wrk.method = "PUT"
      wrk.body = table.concat(letters)
      wrk.headers["Content-Type"] = "application/octet-stream"
   end
end

function request()
   if operation == "fill" then
      written = written + 1
      if written > keys then wrk.thread:stop() end
      return wrk.format(nil, "/kv/key-" .. ((written - 1) % keys + 1))
   end
   return wrk.format(nil, "/kv/key-" .. math.random(1, keys))
end

-- One line for the script: requests a second, p50, p99, p99.9 in milliseconds, failures.
function done(summary, latency, requests)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format("RESULT %.0f %.2f %.2f %.2f %d\n",
      summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      latency:percentile(99.9) / 1e3, failed))
end

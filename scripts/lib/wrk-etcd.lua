-- What wrk sends to etcd's JSON gateway, and the line that it prints at its end, as wrk.lua.
--
-- Arguments: the operation (put or get), the number of keys, the bytes of a value, the seed.

local operation, keys, value

local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
   local out = {}
   for index = 1, #text, 3 do
      local a, b, c = text:byte(index, index + 2)
      local bits = a * 65536 + (b or 0) * 256 + (c or 0)
      for place = 3, 0, -1 do
         local digit = math.floor(bits / 64 ^ place) % 64 + 1
         local isPadding = (place == 1 and not b) or (place == 0 and not c)
         out[#out + 1] = isPadding and "=" or letters:sub(digit, digit)
      end
   end
   return table.concat(out)
end

function init(arguments)
   operation, keys = arguments[1], tonumber(arguments[2])
   math.randomseed(tonumber(arguments[4]))
   value = base64(string.rep("v", tonumber(arguments[3])))
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
end

function request()
   local key = base64("key-" .. math.random(1, keys))
   if operation == "put" then
      return wrk.format(nil, "/v3/kv/put", nil, '{"key":"' .. key .. '","value":"' .. value .. '"}')
   end
   return wrk.format(nil, "/v3/kv/range", nil, '{"key":"' .. key .. '"}')
end

function done(summary, latency, requests)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format("RESULT %.0f %.2f %.2f %.2f %d\n",
      summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      latency:percentile(99.9) / 1e3, failed))
end

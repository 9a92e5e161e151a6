-- Judges requests, each against all of its quotas; only an admitted one is remembered.
-- The twin of shared/gateway/gcra.py, in whole microseconds of the server's clock.
-- KEYS: one per quota, holding its theoretical arrival time; those of the first caller first.
-- ARGV[1]: "requests interval burst interval burst …" in the order of KEYS, callers parted by ";".
-- Returns one text, since each number of its own costs the client more than taking it apart: for
--   each request index of its quota that says least, from 0; left; microseconds to whole; wait. A
--   request that comes later finds what those before it have spent.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local arrivals, changed, told, before = {}, {}, {}, 0
for i, found in ipairs(redis.call('MGET', unpack(KEYS))) do
  arrivals[KEYS[i]] = tonumber(found or 0)
end

local function judge(numbers)
  local many, bounded, worst, at = #numbers / 2, {}, 0, 0
  for i = 1, many do
    local interval, burst = numbers[2 * i - 1], numbers[2 * i]
    bounded[i] = math.min(arrivals[KEYS[before + i]], now + burst * interval)
    local wait = bounded[i] - (burst - 1) * interval - now
    if wait > worst then worst, at = wait, i end
  end
  if at > 0 then return at - 1, 0, bounded[at] - now, worst end

  local least, whole = math.huge, 0
  for i = 1, many do
    local key, interval, burst = KEYS[before + i], numbers[2 * i - 1], numbers[2 * i]
    local arrival = math.max(now, bounded[i]) + interval
    local left = burst - math.ceil((arrival - now) / interval)
    arrivals[key], changed[key] = arrival, true
    if left < least then least, at, whole = left, i, arrival - now end
  end
  return at - 1, least, whole, 0
end

for caller in string.gmatch(ARGV[1], '[^;]+') do
  local requests, numbers = nil, {}
  for number in string.gmatch(caller, '%d+') do
    if requests then numbers[#numbers + 1] = tonumber(number) else requests = tonumber(number) end
  end
  for _ = 1, requests do
    told[#told + 1] = string.format('%.0f %.0f %.0f %.0f', judge(numbers))
  end
  before = before + #numbers / 2
end
for key in pairs(changed) do
  -- Once its arrival has passed, a key says no more than no key.
  local life = math.ceil((arrivals[key] - now) / 1000)
  redis.call('SET', key, string.format('%.0f', arrivals[key]), 'PX', life)
end
return table.concat(told, ' ')

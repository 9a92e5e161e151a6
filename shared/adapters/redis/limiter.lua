-- Judges one request against all of its quotas; only an admitted one is remembered.
-- The twin of shared/gateway/gcra.py, in whole microseconds of the server's clock.
-- KEYS: one per quota, holding its theoretical arrival time.
-- ARGV[1]: "interval burst interval burst …" in the order of KEYS; one argument, since each costs
--   the client more than taking it apart costs here.
-- Returns {index of the quota that says least, from 0; left; microseconds to whole; wait}.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local arrivals = redis.call('MGET', unpack(KEYS))
local numbers = {}
for number in string.gmatch(ARGV[1], '%d+') do numbers[#numbers + 1] = tonumber(number) end
local worst, at = 0, 0

for i = 1, #KEYS do
  local interval, burst = numbers[2 * i - 1], numbers[2 * i]
  local arrival = math.min(tonumber(arrivals[i] or 0), now + burst * interval)
  local wait = arrival - (burst - 1) * interval - now
  arrivals[i] = arrival
  if wait > worst then worst, at = wait, i end
end
if at > 0 then return {at - 1, 0, arrivals[at] - now, worst} end

local least, whole = math.huge, 0
for i = 1, #KEYS do
  local interval, burst = numbers[2 * i - 1], numbers[2 * i]
  local arrival = math.max(now, arrivals[i]) + interval
  local left = burst - math.ceil((arrival - now) / interval)
  -- Once its arrival has passed, a key says no more than no key.
  redis.call('SET', KEYS[i], string.format('%.0f', arrival), 'PX', math.ceil((arrival - now) / 1000))
  if left < least then least, at, whole = left, i, arrival - now end
end
return {at - 1, least, whole, 0}

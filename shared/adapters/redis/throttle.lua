-- Count one try of each key, or none where one of them has to wait.
-- KEYS: a hash each, {n tries, last, until}, in milliseconds of the caller's clock.
-- ARGV: now, then for each key: free, first pause, longest pause, window.
-- Returns the milliseconds to wait; 0 where the try was counted.
local now = tonumber(ARGV[1])
local wait = 0
local found = {}
for i, key in ipairs(KEYS) do
  local row = redis.call('HMGET', key, 'n', 'last', 'until')
  found[i] = {tonumber(row[1]) or 0, tonumber(row[2]) or 0, tonumber(row[3]) or 0}
  wait = math.max(wait, found[i][3] - now)
end
if wait > 0 then
  return wait
end
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 4
  local free, first = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local longest, window = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local n = found[i][1] + 1
  if now - math.max(found[i][2], found[i][3]) > window then
    n = 1
  end
  local pause = 0
  if n >= free then
    pause = math.min(longest, first * 2 ^ math.min(n - free, 30))
  end
  redis.call('HSET', key, 'n', n, 'last', now, 'until', now + pause)
  redis.call('PEXPIRE', key, window + longest)
end
return 0

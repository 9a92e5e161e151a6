-- Take back one try of each key that still has one.
-- KEYS: as in throttle.lua.
for _, key in ipairs(KEYS) do
  local n = tonumber(redis.call('HGET', key, 'n'))
  if n then
    redis.call('HSET', key, 'n', math.max(0, n - 1), 'until', 0)
  end
end
return 0

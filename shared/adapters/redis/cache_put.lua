-- Keeps an entry that its tags lead to, unless one of them was purged after it was asked for.
-- KEYS: the entry, then for each tag its set and the time of its purge.
-- ARGV: value; milliseconds to keep it; purges from this second on refuse it.
-- Returns 1, or 0 where it was refused.
for i = 3, #KEYS, 2 do
  local purged = redis.call('GET', KEYS[i])
  if purged and tonumber(purged) >= tonumber(ARGV[3]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #KEYS, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  redis.call('ZADD', KEYS[i], now + ARGV[2], KEYS[1])
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
  end
end
return 1

-- Use a code up.
-- KEYS[1] the code's hash. ARGV: now, how long it stays known, both in milliseconds. Returns how it stood, and of one
-- that was good what it is good for, of one that was shown before the session that began of it, or nothing.
local f = redis.call('HMGET', KEYS[1], 'status', 'expires_at', 'grant', 'family')
if not f[1] then
  return {'unknown'}
end
if f[1] == 'taken' then
  redis.call('HSET', KEYS[1], 'again', '1')
  return {'again', f[4] or ''}
end
redis.call('HSET', KEYS[1], 'status', 'taken')
redis.call('HDEL', KEYS[1], 'grant')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if tonumber(ARGV[1]) >= tonumber(f[2]) then
  return {'expired'}
end
return {'taken', f[3]}

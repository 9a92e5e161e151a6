-- Decide about a device's code that nobody has decided about.
-- KEYS[1] the code's hash. ARGV: now in milliseconds, the status, the approval as JSON. Returns the status it had,
-- 'expired', or 'unknown'.
local f = redis.call('HMGET', KEYS[1], 'status', 'expires_at')
if not f[1] then
  return 'unknown'
end
if tonumber(ARGV[1]) >= tonumber(f[2]) then
  return 'expired'
end
if f[1] == 'pending' then
  redis.call('HSET', KEYS[1], 'status', ARGV[2], 'approval', ARGV[3])
end
return f[1]

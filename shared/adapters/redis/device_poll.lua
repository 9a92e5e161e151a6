-- How a device's code stands; one that was approved is used up.
-- KEYS[1] the code's hash. ARGV: the application, now, the jitter that is forgiven, what a poll before its time adds
-- (all in milliseconds). Returns the stage, and of an approved one the approval, device name and network.
local f = redis.call('HMGET', KEYS[1],
  'client_id', 'status', 'expires_at', 'next_at', 'interval', 'approval', 'device_name', 'network')
local now, status = tonumber(ARGV[2]), f[2]
if not f[1] or f[1] ~= ARGV[1] or status == 'used' then
  return {'unknown'}
end
if now >= tonumber(f[3]) then
  return {'expired'}
end
if status == 'approved' then
  redis.call('HSET', KEYS[1], 'status', 'used')
  redis.call('HDEL', KEYS[1], 'approval')
  return {'approved', f[6], f[7], f[8]}
end
if status == 'denied' then
  return {'denied'}
end
local interval, stage = tonumber(f[5]), 'pending'
if now < tonumber(f[4]) - tonumber(ARGV[3]) then
  interval, stage = interval + tonumber(ARGV[4]), 'too_soon'
end
redis.call('HSET', KEYS[1], 'interval', interval, 'next_at', now + interval)
return {stage}

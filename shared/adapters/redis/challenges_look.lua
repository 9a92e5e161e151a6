-- Count one look at what is kept, and return it while it is good.
-- KEYS[1] a hash {said, until, looks}. ARGV: now in milliseconds, most looks.
-- Returns what was said, or nothing.
local row = redis.call('HMGET', KEYS[1], 'said', 'until')
if not row[1] or tonumber(ARGV[1]) >= tonumber(row[2]) then
  return false
end
if redis.call('HINCRBY', KEYS[1], 'looks', 1) > tonumber(ARGV[2]) then
  return false
end
return row[1]

-- Return what is kept while it is good, and forget it either way.
-- KEYS[1] a hash {said, until, looks}. ARGV: now in milliseconds.
-- Returns what was said, or nothing.
local row = redis.call('HMGET', KEYS[1], 'said', 'until')
redis.call('DEL', KEYS[1])
if not row[1] or tonumber(ARGV[1]) >= tonumber(row[2]) then
  return false
end
return row[1]

-- Claims a key that nobody has.
-- KEYS: the key. ARGV: what to hold it with; milliseconds of the lease.
-- Returns what it is held with by another, or nothing where it is the caller's now.
local held = redis.call('GET', KEYS[1])
if not held then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return held

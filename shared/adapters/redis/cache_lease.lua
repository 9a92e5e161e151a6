-- Takes a lease where nobody has it, and looks at what is kept.
-- KEYS: the lease, the entry. ARGV: the holder; milliseconds it lasts.
-- Returns {1 where it was taken, the entry's value or false}.
local taken = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
return {taken and 1 or 0, redis.call('GET', KEYS[2])}

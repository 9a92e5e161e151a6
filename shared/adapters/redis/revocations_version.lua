-- Say that an account's tokens below a version are dead; what was said of a later version stays.
-- KEYS[1] the account's mark. ARGV: the version, milliseconds to keep it. Returns the version that stands.
local kept = tonumber(redis.call('GET', KEYS[1])) or 0
local version = math.max(kept, tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%d', version), 'PX', ARGV[2])
return version

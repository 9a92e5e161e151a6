-- Ends a claim, where it is still its holder's: with an answer, or as if it had never been.
-- KEYS: the key. ARGV: what it is held with; the answer, or nothing; milliseconds to keep it.
-- Returns 1, or 0 where the lease ran out and the key is another's.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1

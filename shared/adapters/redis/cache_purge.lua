-- Deletes entries by tag, some at a time, and remembers when.
-- KEYS: for each tag its set and the time of its purge.
-- ARGV: now; milliseconds to remember it; most entries of each tag.
-- Returns {entries deleted, 1 where there are more}.
local gone, more = 0, 0
for i = 1, #KEYS, 2 do
  redis.call('SET', KEYS[i + 1], ARGV[1], 'PX', ARGV[2])
  local found = redis.call('ZPOPMIN', KEYS[i], ARGV[3])
  for j = 1, #found, 2 do gone = gone + redis.call('UNLINK', found[j]) end
  if #found == 2 * ARGV[3] then more = 1 end
end
return {gone, more}

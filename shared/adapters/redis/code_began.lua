-- Note which session began of a code; tells whether the code was shown again meanwhile.
-- KEYS[1] the code's hash. ARGV: the session. A code that nobody knows any more is not made anew.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'family', ARGV[1])
return redis.call('HEXISTS', KEYS[1], 'again')

-- What may happen to one circuit breaker; the twin of shared/gateway/breaker.py.
-- KEYS[1]: hash phase, generation, until, opened, opened_at, succeeded, streak, window
--   ("slot:succeeded:failed …", oldest first); it lives an hour after its last change.
-- ARGV: operation; volume, open ms, error rate (0: failures in a row), closes after, lease ms;
--   then of `count` generation, successes, failures; of `settle` generation, outcome;
--   of `hold` milliseconds; of `probe` nothing.
-- Returns {phase, generation, milliseconds until the next probe may go, 1 where this is one}.
local BUCKET_MS, BUCKETS, LONGEST_OPEN_MS, LIFE_SECONDS = 1000, 10, 60000, 3600
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local operation = ARGV[1]
local volume, open_ms, error_rate = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local closes_after, lease_ms = tonumber(ARGV[5]), tonumber(ARGV[6])

local kept = redis.call('HMGET', KEYS[1],
  'phase', 'generation', 'until', 'opened', 'succeeded', 'streak', 'window')
local is_new = not kept[1]
local phase = kept[1] or 'closed'
-- Numbered from the clock, so that a permit from before the hash was lost never fits.
local generation = tonumber(kept[2] or now)
local ends, opened = tonumber(kept[3] or 0), tonumber(kept[4] or 0)
local succeeded, streak = tonumber(kept[5] or 0), tonumber(kept[6] or 0)
local window = kept[7] or ''
local changed, granted = is_new, 0

local function move(to, till, openings)
  phase, ends, opened, generation = to, till, openings, generation + 1
  succeeded, streak, window, changed = 0, 0, '', true
end

local function open()
  move('open', now + math.min(LONGEST_OPEN_MS, open_ms * 2 ^ opened), opened + 1)
end

local function count(good, bad)
  local slot = math.floor(now / BUCKET_MS)
  local parts, total, failed = {}, good + bad, bad
  streak = (good > 0) and bad or streak + bad
  for at, s, f in string.gmatch(window, '(%d+):(%d+):(%d+)') do
    if tonumber(at) > slot - BUCKETS then
      total, failed = total + s + f, failed + f
      if tonumber(at) == slot then
        good, bad = good + s, bad + f
      else
        parts[#parts + 1] = at .. ':' .. s .. ':' .. f
      end
    end
  end
  parts[#parts + 1] = string.format('%.0f:%.0f:%.0f', slot, good, bad)
  window, changed = table.concat(parts, ' '), true
  if error_rate == 0 then
    if streak >= volume then open() end
  elseif total >= volume and failed >= error_rate * total then
    open()
  end
end

local function settle(outcome)
  if outcome == 'failure' then return open() end
  if outcome == 'success' then succeeded = succeeded + 1 end
  if succeeded >= closes_after then return move('closed', 0, 0) end
  generation, ends, changed = generation + 1, 0, true
end

if operation == 'count' then
  local good, bad = tonumber(ARGV[8]), tonumber(ARGV[9])
  if phase == 'closed' and tonumber(ARGV[7]) == generation and good + bad > 0 then
    count(good, bad)
  end
elseif operation == 'probe' then
  if phase ~= 'closed' and now >= ends then
    phase, generation, ends, granted, changed = 'half_open', generation + 1, now + lease_ms, 1, true
  end
elseif operation == 'settle' then
  if phase == 'half_open' and tonumber(ARGV[7]) == generation then settle(ARGV[8]) end
elseif operation == 'hold' then
  local till = now + math.min(LONGEST_OPEN_MS, tonumber(ARGV[7]))
  if phase == 'open' then till = math.max(till, ends) end
  move('open', till, opened)
end

if changed then
  local function whole(number) return string.format('%.0f', number) end
  redis.call('HSET', KEYS[1], 'phase', phase, 'generation', whole(generation), 'until', whole(ends),
    'opened', whole(opened), 'succeeded', whole(succeeded), 'streak', whole(streak), 'window', window)
  if phase == 'open' and kept[1] ~= 'open' then
    redis.call('HSET', KEYS[1], 'opened_at', whole(now))
  end
end
redis.call('EXPIRE', KEYS[1], LIFE_SECONDS)
return {phase, generation, math.max(0, ends - now), granted}

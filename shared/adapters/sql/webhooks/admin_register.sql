-- Register a platform, or replace what is registered; what it spent of its rate stays spent.
-- Grain: one row, whether it is new (nobody held a version of it before). Parameters: the columns; :event_types json array; :now timestamptz.
INSERT INTO webhook_source
  (platform, secret_ref, previous_secret_ref, event_types, rate_per_minute, legacy, created_at, updated_at)
VALUES (
  :platform,
  :secret_ref,
  :previous_secret_ref,
  ARRAY(SELECT jsonb_array_elements_text(CAST(:event_types AS jsonb))),
  :rate_per_minute,
  :legacy,
  :now,
  :now
)
ON CONFLICT (platform) DO UPDATE SET
  secret_ref = excluded.secret_ref,
  previous_secret_ref = excluded.previous_secret_ref,
  event_types = excluded.event_types,
  rate_per_minute = excluded.rate_per_minute,
  legacy = excluded.legacy,
  updated_at = excluded.updated_at
RETURNING xmax = 0 AS is_new

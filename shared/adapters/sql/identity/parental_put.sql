-- Keep what an account's owner has set.
-- Grain: one row.
-- Parameters: :user_id uuid, :enabled boolean, :pin_hash text or null, :max_rating, :timezone text,
-- :viewing_start, :viewing_end time or null, :blocked_genres text[], :now timestamptz.
INSERT INTO parental_control (
  user_id, enabled, pin_hash, max_rating, viewing_start, viewing_end, timezone, blocked_genres, updated_at
)
VALUES (
  CAST(:user_id AS uuid),
  :enabled,
  CAST(:pin_hash AS text),
  :max_rating,
  CAST(:viewing_start AS time),
  CAST(:viewing_end AS time),
  :timezone,
  CAST(:blocked_genres AS text []),
  CAST(:now AS timestamptz)
)
ON CONFLICT (user_id) DO UPDATE SET
  enabled = excluded.enabled,
  pin_hash = excluded.pin_hash,
  max_rating = excluded.max_rating,
  viewing_start = excluded.viewing_start,
  viewing_end = excluded.viewing_end,
  timezone = excluded.timezone,
  blocked_genres = excluded.blocked_genres,
  updated_at = excluded.updated_at

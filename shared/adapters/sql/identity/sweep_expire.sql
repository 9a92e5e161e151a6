-- Sessions whose time is over, told apart from those that somebody ended.
-- Grain: one row per session.
-- Parameters: :now timestamptz, :most integer.
UPDATE token_family
SET status = 'expired', revoked_at = CAST(:now AS timestamptz)
WHERE family_id IN (
  SELECT family_id
  FROM token_family
  WHERE status = 'active' AND absolute_expires_at <= CAST(:now AS timestamptz)
  ORDER BY absolute_expires_at
  LIMIT CAST(:most AS integer)
)

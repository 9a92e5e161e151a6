-- Forget sessions that ended long ago, with their refresh tokens.
-- Grain: one row per session.
-- Parameters: :before timestamptz, :most integer.
DELETE FROM token_family
WHERE family_id IN (
  SELECT family_id
  FROM token_family
  WHERE revoked_at <= CAST(:before AS timestamptz)
  ORDER BY revoked_at
  LIMIT CAST(:most AS integer)
)

-- Forget refresh tokens that were used long ago.
-- Grain: one row per token.
-- Parameters: :before timestamptz, :most integer.
DELETE FROM refresh_token
WHERE token_hash IN (
  SELECT token_hash
  FROM refresh_token
  WHERE used_at <= CAST(:before AS timestamptz)
  ORDER BY used_at
  LIMIT CAST(:most AS integer)
)

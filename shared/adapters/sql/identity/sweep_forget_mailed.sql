-- Forget tokens of mails whose time is over.
-- Grain: one row per token.
-- Parameters: :before timestamptz, :most integer.
DELETE FROM one_time_token
WHERE token_hash IN (
  SELECT token_hash
  FROM one_time_token
  WHERE expires_at <= CAST(:before AS timestamptz)
  ORDER BY expires_at
  LIMIT CAST(:most AS integer)
)

-- Forget tokens that ended long ago; until then one that is shown again is told to be spent.
-- Grain: one row per token.
-- Parameters: :before timestamptz.
DELETE FROM one_time_token
WHERE expires_at < :before

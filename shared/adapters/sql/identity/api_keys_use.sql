-- A live key, its use noted at most once a minute.
-- Grain: at most one row; read by the unique hash.
-- Parameters: :key_hash bytea, :now timestamptz.
WITH found AS (
  SELECT id, user_id, scopes, rate_limit_per_minute, created_at, expires_at
  FROM api_key
  WHERE key_hash = :key_hash AND revoked_at IS NULL AND expires_at > CAST(:now AS timestamptz)
),
noted AS (
  UPDATE api_key
  SET last_used_at = CAST(:now AS timestamptz)
  FROM found
  WHERE
    api_key.id = found.id
    AND (api_key.last_used_at IS NULL OR api_key.last_used_at <= CAST(:now AS timestamptz) - interval '1 minute')
)
SELECT id, user_id, scopes, rate_limit_per_minute, created_at, expires_at
FROM found

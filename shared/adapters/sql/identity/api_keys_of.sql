-- Live keys of a user, the newest first.
-- Grain: one row per key, at most 25; read by user.
-- Parameters: :user_id uuid, :now timestamptz.
SELECT id, name, prefix, scopes, rate_limit_per_minute, created_at, expires_at, last_used_at, replaced_by
FROM api_key
WHERE user_id = CAST(:user_id AS uuid) AND revoked_at IS NULL AND expires_at > CAST(:now AS timestamptz)
ORDER BY created_at DESC, id DESC

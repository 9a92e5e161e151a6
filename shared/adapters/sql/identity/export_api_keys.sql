-- API keys, without what they are known by. Grain: one row each. Parameters: :user_id uuid.
SELECT id, name, prefix, scopes, rate_limit_per_minute, created_at, expires_at, last_used_at, revoked_at, replaced_by
FROM api_key
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY created_at

-- Whose a token is, and whether it can still be used.
-- Grain: at most one row; read by primary key.
-- Parameters: :token_hash bytea, :purpose text, :now timestamptz.
SELECT u.id, u.email, u.email_verified, u.password_hash, u.name, u.region, u.role, u.tier, u.status, u.token_version,
  t.used_at IS NULL AND t.expires_at > :now AS usable
FROM one_time_token AS t
JOIN app_user AS u ON u.id = t.user_id AND u.deleted_at IS NULL
WHERE t.token_hash = :token_hash AND t.purpose = :purpose

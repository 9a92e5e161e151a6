-- An account with what it has.
-- Grain: one row, or none; read by primary key.
-- Parameters: :user_id uuid, :now timestamptz.
SELECT
  u.id,
  u.email,
  u.email_verified,
  u.name AS display_name,
  u.region,
  u.role,
  u.tier,
  u.status,
  u.suspended_reason,
  u.created_at,
  u.last_login_at,
  u.deletion_scheduled_at,
  (SELECT count(*) FROM token_family AS f WHERE f.user_id = u.id AND f.status = 'active') AS sessions,
  (
    SELECT count(*) FROM api_key AS k
    WHERE k.user_id = u.id AND k.revoked_at IS NULL AND k.expires_at > CAST(:now AS timestamptz)
  ) AS api_keys
FROM app_user AS u
WHERE u.id = CAST(:user_id AS uuid) AND u.deleted_at IS NULL

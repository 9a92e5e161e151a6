-- Live sessions of an account, the one used last first.
-- Grain: one row per session; those whose newest token was not used in time are left out.
-- Parameters: :user_id uuid, :now timestamptz.
SELECT
  f.family_id,
  f.client_id,
  c.name AS client_name,
  f.device_id,
  f.device_name,
  f.user_agent,
  f.network,
  f.created_at,
  f.last_rotation_at
FROM token_family AS f
INNER JOIN oauth_client AS c ON f.client_id = c.client_id
WHERE
  f.user_id = CAST(:user_id AS uuid) AND f.status = 'active' AND NOT c.disabled
  AND least(f.absolute_expires_at, f.last_rotation_at + make_interval(secs => c.idle_seconds))
  > CAST(:now AS timestamptz)
ORDER BY f.last_rotation_at DESC, f.family_id DESC

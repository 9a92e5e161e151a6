-- What a user lets applications have, the last decision first.
-- Grain: one row per application.
-- Parameters: :user_id uuid.
SELECT
  u.client_id,
  c.name AS client_name,
  u.scopes,
  u.granted_at
FROM user_consent AS u
INNER JOIN oauth_client AS c ON u.client_id = c.client_id
WHERE u.user_id = CAST(:user_id AS uuid) AND u.revoked_at IS NULL
ORDER BY u.granted_at DESC, u.client_id

-- Sessions, live ones and ended ones that are still known. Grain: one row each. Parameters: :user_id uuid.
SELECT
  family_id AS id, client_id, device_id, device_name, scopes, methods, status, revoked_reason, authenticated_at,
  created_at, last_rotation_at AS last_used_at, absolute_expires_at AS ends_at, revoked_at, user_agent, network
FROM token_family
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY created_at

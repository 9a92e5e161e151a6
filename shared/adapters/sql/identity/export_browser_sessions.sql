-- Sessions of browsers on our own pages. Grain: one row each. Parameters: :user_id uuid.
SELECT
  session_id AS id, methods, authenticated_at, created_at, last_used_at, expires_at, revoked_at, user_agent, network
FROM browser_session
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY created_at

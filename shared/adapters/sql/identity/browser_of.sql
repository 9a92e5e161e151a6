-- Live sessions of a user's browsers, the one used last first.
-- Grain: one row per session.
-- Parameters: :user_id uuid, :now, :used_since timestamptz.
SELECT
  b.session_id,
  b.user_agent,
  b.network,
  b.created_at,
  b.last_used_at
FROM browser_session AS b
INNER JOIN app_user AS u ON b.user_id = u.id
WHERE
  b.user_id = CAST(:user_id AS uuid) AND b.revoked_at IS NULL AND u.token_version = b.token_version
  AND b.expires_at > CAST(:now AS timestamptz) AND b.last_used_at > CAST(:used_since AS timestamptz)
ORDER BY b.last_used_at DESC, b.session_id DESC

-- Use the session of a cookie: dead with its account, with all sessions' end, unused for too long, or by its age.
-- Grain: one row, or none. One row by a unique index, written each time.
-- Parameters: :cookie_hash bytea, :now, :used_since timestamptz.
UPDATE browser_session AS b
SET last_used_at = greatest(b.last_used_at, CAST(:now AS timestamptz))
FROM app_user AS u
WHERE
  b.cookie_hash = CAST(:cookie_hash AS bytea) AND b.revoked_at IS NULL
  AND b.expires_at > CAST(:now AS timestamptz) AND b.last_used_at > CAST(:used_since AS timestamptz)
  AND u.id = b.user_id AND u.deleted_at IS NULL AND u.status = 'active' AND u.token_version = b.token_version
RETURNING b.session_id, b.user_id, b.methods, b.authenticated_at, b.token_version

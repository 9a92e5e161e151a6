-- End a session of a user's.
-- Grain: the session, where it was live and theirs.
-- Parameters: :session_id, :user_id uuid, :now timestamptz.
UPDATE browser_session
SET revoked_at = CAST(:now AS timestamptz)
WHERE
  session_id = CAST(:session_id AS uuid) AND user_id = CAST(:user_id AS uuid) AND revoked_at IS NULL

-- Let sessions of a user's browsers go on with another version of their tokens: they carry no limits.
-- Grain: one row per session that was live with the version before.
-- Parameters: :user_id uuid, :version integer, the new one.
UPDATE browser_session
SET token_version = CAST(:version AS integer)
WHERE
  user_id = CAST(:user_id AS uuid) AND revoked_at IS NULL AND token_version = CAST(:version AS integer) - 1

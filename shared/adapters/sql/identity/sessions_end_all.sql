-- End the sessions of an account, all but one; browsers on our own pages sign in again too.
-- Grain: one row per session that was live.
-- Parameters: :user_id uuid, :kept uuid or null, :reason text, :now timestamptz.
WITH
browsers AS (
  UPDATE browser_session
  SET revoked_at = CAST(:now AS timestamptz)
  WHERE user_id = CAST(:user_id AS uuid) AND revoked_at IS NULL
)
UPDATE token_family
SET status = 'revoked', revoked_reason = :reason, revoked_at = CAST(:now AS timestamptz)
WHERE
  user_id = CAST(:user_id AS uuid) AND status = 'active'
  AND family_id IS DISTINCT FROM CAST(:kept AS uuid)
RETURNING family_id

-- End the sessions of an account, all but one.
-- Grain: one row per session that was live.
-- Parameters: :user_id uuid, :kept uuid or null, :reason text, :now timestamptz.
UPDATE token_family
SET status = 'revoked', revoked_reason = :reason, revoked_at = CAST(:now AS timestamptz)
WHERE
  user_id = CAST(:user_id AS uuid) AND status = 'active'
  AND family_id IS DISTINCT FROM CAST(:kept AS uuid)
RETURNING family_id

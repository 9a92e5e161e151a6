-- End a session.
-- Grain: the session, where it was live.
-- Parameters: :family_id uuid, :reason text, :now timestamptz.
UPDATE token_family
SET status = 'revoked', revoked_reason = :reason, revoked_at = CAST(:now AS timestamptz)
WHERE family_id = CAST(:family_id AS uuid) AND status = 'active'
RETURNING user_id

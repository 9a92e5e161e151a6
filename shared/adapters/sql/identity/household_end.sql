-- End the sessions of a profile.
-- Grain: one row per session that was live.
-- Parameters: :profile_id uuid, :now timestamptz.
UPDATE token_family
SET status = 'revoked', revoked_reason = 'profile_removed', revoked_at = CAST(:now AS timestamptz)
WHERE profile_id = CAST(:profile_id AS uuid) AND status = 'active'
RETURNING family_id

-- Make a waiting app its user's; its first code is used up with that.
-- Grain: the app, or nothing where it waits no longer.
-- Parameters: :id uuid, :step bigint, :now timestamptz.
UPDATE mfa_enrollment
SET status = 'active', last_used_step = :step, verified_at = CAST(:now AS timestamptz)
WHERE id = CAST(:id AS uuid) AND status = 'pending'
RETURNING id

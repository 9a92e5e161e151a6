-- Use up the codes of an app up to a step: of several who show one at once, one gets a row.
-- Grain: the app, or nothing where the step was used, or the app is gone.
-- Parameters: :id uuid, :step bigint.
UPDATE mfa_enrollment
SET last_used_step = CAST(:step AS bigint)
WHERE
  id = CAST(:id AS uuid) AND status = 'active'
  AND (last_used_step IS NULL OR last_used_step < CAST(:step AS bigint))
RETURNING id

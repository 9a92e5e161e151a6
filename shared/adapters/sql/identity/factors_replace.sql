-- Forget the app whose place another takes.
-- Grain: at most one row.
-- Parameters: :user_id uuid.
DELETE FROM mfa_enrollment
WHERE user_id = CAST(:user_id AS uuid) AND status = 'active'

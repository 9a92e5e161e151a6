-- Forget a user's app, and one that waits for its first code.
-- Grain: one row for each; says which was the user's.
-- Parameters: :user_id uuid.
DELETE FROM mfa_enrollment
WHERE user_id = CAST(:user_id AS uuid)
RETURNING status

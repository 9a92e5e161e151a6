-- An account that nobody else changes until the commit.
-- Grain: one row, or none.
-- Parameters: :user_id uuid.
SELECT email, role, status
FROM app_user
WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL
FOR UPDATE

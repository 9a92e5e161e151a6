-- The account that a session is begun for; sessions of one account begin one after the other.
-- Grain: one row, or none.
-- Parameters: :user_id uuid.
SELECT
  status,
  token_version
FROM app_user
WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL
FOR NO KEY UPDATE

-- A user's own account, which nobody else changes until the transaction ends.
-- Grain: at most one row; read by primary key.
-- Parameters: :user_id uuid.
SELECT id, email, email_verified, name, region, role, tier, preferences, avatar, created_at
FROM app_user
WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL
FOR NO KEY UPDATE

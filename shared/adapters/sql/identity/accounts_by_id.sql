-- One account.
-- Grain: at most one row; read by primary key.
-- Parameters: :user_id uuid.
SELECT id, email, email_verified, password_hash, name, region, role, tier, status, token_version
FROM app_user
WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL

-- Forget a user's backup codes.
-- Grain: one row per code.
-- Parameters: :user_id uuid.
DELETE FROM mfa_backup_code
WHERE user_id = CAST(:user_id AS uuid)

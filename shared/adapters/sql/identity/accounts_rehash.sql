-- Keep a new hash of the same password, unless the password was changed meanwhile.
-- Grain: at most one account.
-- Parameters: :user_id uuid, :kept and :rehashed text.
UPDATE app_user
SET password_hash = :rehashed
WHERE id = CAST(:user_id AS uuid) AND password_hash = :kept

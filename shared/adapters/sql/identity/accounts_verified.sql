-- An account's mail address is its own.
-- Grain: one account.
-- Parameters: :user_id uuid, :now timestamptz.
UPDATE app_user
SET email_verified = TRUE, updated_at = :now
WHERE id = CAST(:user_id AS uuid)

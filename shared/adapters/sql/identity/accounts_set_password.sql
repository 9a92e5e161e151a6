-- Give an account a new password.
-- Grain: one account.
-- Parameters: :user_id uuid, :password_hash text, :proven boolean (its mailbox was read), :now timestamptz.
UPDATE app_user
SET
  password_hash = :password_hash,
  email_verified = email_verified OR CAST(:proven AS boolean),
  updated_at = :now
WHERE id = CAST(:user_id AS uuid)

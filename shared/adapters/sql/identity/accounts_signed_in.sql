-- Note a sign-in.
-- Grain: one account.
-- Parameters: :user_id uuid, :at timestamptz.
UPDATE app_user
SET last_login_at = :at
WHERE id = CAST(:user_id AS uuid)

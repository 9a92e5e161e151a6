-- Make an account an administrator's; one that has verified its address and may be used.
-- Grain: the account, or nothing.
-- Parameters: :email text, normalized; :now timestamptz.
UPDATE app_user
SET role = 'admin', updated_at = CAST(:now AS timestamptz)
WHERE email = :email AND email_verified AND status = 'active' AND deleted_at IS NULL
RETURNING CAST(id AS text)

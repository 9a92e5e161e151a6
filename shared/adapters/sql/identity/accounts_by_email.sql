-- The account of a mail address.
-- Grain: at most one row; read by the unique index on live addresses.
-- Parameters: :email text, normalized.
SELECT id, email, email_verified, password_hash, name, region, role, tier, status, token_version
FROM app_user
WHERE email = :email AND deleted_at IS NULL

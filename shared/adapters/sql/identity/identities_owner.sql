-- The account that an account elsewhere opens.
-- Grain: at most one row; read by primary key.
-- Parameters: :provider, :subject text.
SELECT u.id, u.email, u.email_verified, u.password_hash, u.name, u.region, u.role, u.tier, u.status, u.token_version
FROM identity AS i
INNER JOIN app_user AS u ON i.user_id = u.id
WHERE i.provider = :provider AND i.subject = :subject AND u.deleted_at IS NULL

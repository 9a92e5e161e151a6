-- Give a viewer of the sample a password, and an address that needs no mail to be verified.
-- Grain: one user; who has one keeps it.
-- Parameters: :user_id uuid, :password_hash text.
UPDATE app_user
SET password_hash = :password_hash, email_verified = TRUE
WHERE id = :user_id AND sample AND password_hash IS NULL

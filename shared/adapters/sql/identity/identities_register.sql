-- Make an account whose address a provider vouches for, unless the address has one; no password opens it.
-- Grain: at most one row.
-- Parameters: :user_id uuid, :email, :display_name text, :now timestamptz.
INSERT INTO app_user (id, email, email_verified, name, region, language, created_at, updated_at)
VALUES (CAST(:user_id AS uuid), :email, TRUE, :display_name, '', 'en', :now, :now)
ON CONFLICT (email) WHERE deleted_at IS NULL DO NOTHING

-- Keep a new account, unless its address has one.
-- Grain: at most one row.
-- Parameters: :id uuid, :email, :password_hash, :display_name, :region text, :created_at timestamptz.
INSERT INTO app_user
  (id, email, name, region, language, password_hash, created_at, updated_at, age_confirmed_at)
VALUES
  (CAST(:id AS uuid), :email, :display_name, :region, 'en', :password_hash, :created_at, :created_at, :created_at)
ON CONFLICT (email) WHERE deleted_at IS NULL DO NOTHING

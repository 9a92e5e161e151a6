-- Keep a passkey.
-- Grain: one row, or nothing where it is registered already.
-- Parameters: :id, :user_id uuid, :credential_id, :public_key bytea, :sign_count bigint, :transports text[], :name text,
-- :backed_up boolean, :created_at timestamptz.
INSERT INTO passkey (
  id, user_id, credential_id, public_key, sign_count, transports, name, backed_up, created_at
)
VALUES (
  CAST(:id AS uuid),
  CAST(:user_id AS uuid),
  CAST(:credential_id AS bytea),
  CAST(:public_key AS bytea),
  :sign_count,
  CAST(:transports AS text []),
  :name,
  :backed_up,
  :created_at
)
ON CONFLICT DO NOTHING
RETURNING id

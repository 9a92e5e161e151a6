-- A passkey, by what its device calls it.
-- Grain: one row, or none; read by its unique index.
-- Parameters: :credential_id bytea.
SELECT
  id,
  user_id,
  credential_id,
  public_key,
  sign_count,
  transports,
  name,
  backed_up,
  created_at,
  last_used_at
FROM passkey
WHERE credential_id = CAST(:credential_id AS bytea)

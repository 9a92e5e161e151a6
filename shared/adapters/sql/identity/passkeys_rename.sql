-- Give a passkey another name.
-- Grain: the passkey, or nothing where the user has no such one.
-- Parameters: :id, :user_id uuid, :name text.
UPDATE passkey
SET name = :name
WHERE id = CAST(:id AS uuid) AND user_id = CAST(:user_id AS uuid)
RETURNING
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

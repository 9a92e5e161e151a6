-- Passkeys of a user, the oldest first.
-- Grain: one row per passkey.
-- Parameters: :user_id uuid.
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
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY created_at, id

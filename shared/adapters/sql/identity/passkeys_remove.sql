-- Forget a passkey.
-- Grain: the passkey, or nothing where the user has no such one.
-- Parameters: :id, :user_id uuid.
DELETE FROM passkey
WHERE id = CAST(:id AS uuid) AND user_id = CAST(:user_id AS uuid)
RETURNING id

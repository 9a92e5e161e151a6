-- End a key for good.
-- Grain: at most one row, where it was live.
-- Parameters: :id and :user_id uuid, :now timestamptz.
UPDATE api_key
SET revoked_at = CAST(:now AS timestamptz)
WHERE
  id = CAST(:id AS uuid) AND user_id = CAST(:user_id AS uuid)
  AND revoked_at IS NULL AND expires_at > CAST(:now AS timestamptz)
RETURNING id

-- Say which key takes the place of another, and when that one ends: of two at once, one gets a row.
-- Grain: at most one row.
-- Parameters: :id, :user_id and :replaced_by uuid, :expires_at and :now timestamptz.
UPDATE api_key
SET replaced_by = CAST(:replaced_by AS uuid), expires_at = CAST(:expires_at AS timestamptz)
WHERE
  id = CAST(:id AS uuid) AND user_id = CAST(:user_id AS uuid) AND replaced_by IS NULL
  AND revoked_at IS NULL AND expires_at > CAST(:now AS timestamptz)
RETURNING id

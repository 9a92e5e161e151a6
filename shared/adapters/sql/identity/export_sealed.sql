-- The newest copy of a user that can be downloaded. Grain: one row, or none.
-- Parameters: :user_id uuid, :now timestamptz.
SELECT id, sealed
FROM user_export
WHERE user_id = CAST(:user_id AS uuid) AND expires_at > CAST(:now AS timestamptz)
ORDER BY asked_at DESC
LIMIT 1

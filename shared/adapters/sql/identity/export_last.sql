-- The copy that a user asked for last, built or not. Grain: one row, or none. Parameters: :user_id uuid.
SELECT asked_at
FROM user_export
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY asked_at DESC
LIMIT 1

-- Copies that were asked for. Grain: one row each. Parameters: :user_id uuid.
SELECT id, asked_at, built_at, expires_at
FROM user_export
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY asked_at

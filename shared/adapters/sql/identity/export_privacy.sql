-- What the user let be kept and used. Grain: one row each. Parameters: :user_id uuid.
SELECT purpose, granted, version, decided_at
FROM privacy_preference
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY purpose

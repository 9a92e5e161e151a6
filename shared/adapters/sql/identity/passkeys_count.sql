-- How many passkeys a user has.
-- Grain: one row.
-- Parameters: :user_id uuid.
SELECT count(*)
FROM passkey
WHERE user_id = CAST(:user_id AS uuid)

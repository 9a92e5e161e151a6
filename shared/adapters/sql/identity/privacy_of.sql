-- What a user has decided on what is kept of them.
-- Grain: one row per purpose they decided on.
-- Parameters: :user_id uuid.
SELECT
  purpose,
  granted,
  version,
  decided_at
FROM privacy_preference
WHERE user_id = CAST(:user_id AS uuid)

-- An account, as tokens speak of it.
-- Grain: one row, or none where it may not have sessions.
-- Parameters: :user_id uuid.
SELECT
  role,
  tier,
  region,
  token_version
FROM app_user
WHERE id = CAST(:user_id AS uuid) AND status = 'active' AND deleted_at IS NULL

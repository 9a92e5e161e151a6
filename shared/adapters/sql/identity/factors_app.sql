-- An authenticator app of a user.
-- Grain: one row, or none.
-- Parameters: :user_id uuid, :status text.
SELECT
  id,
  sealed_secret,
  last_used_step
FROM mfa_enrollment
WHERE user_id = CAST(:user_id AS uuid) AND status = :status

-- Which second factors an account has.
-- Grain: one row.
-- Parameters: :user_id uuid.
SELECT
  EXISTS (
    SELECT 1
    FROM mfa_enrollment
    WHERE user_id = CAST(:user_id AS uuid) AND status = 'active'
  ) AS app,
  EXISTS (SELECT 1 FROM passkey WHERE user_id = CAST(:user_id AS uuid)) AS passkey

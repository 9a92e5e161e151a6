-- Authenticator apps, without their secrets. Grain: one row each. Parameters: :user_id uuid.
SELECT id, status, created_at, verified_at
FROM mfa_enrollment
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY created_at

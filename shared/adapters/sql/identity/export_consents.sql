-- What the user allowed others' applications. Grain: one row each. Parameters: :user_id uuid.
SELECT client_id, scopes, version, granted_at, revoked_at
FROM user_consent
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY granted_at

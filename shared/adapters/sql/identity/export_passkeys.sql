-- Passkeys, without what checks them. Grain: one row each. Parameters: :user_id uuid.
SELECT id, name, transports, backed_up, created_at, last_used_at
FROM passkey
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY created_at

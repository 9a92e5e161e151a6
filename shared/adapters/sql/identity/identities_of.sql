-- The accounts elsewhere that open one here, by provider.
-- Grain: one row per provider; read by the unique index on user and provider.
-- Parameters: :user_id uuid.
SELECT provider, email_at_link, linked_at
FROM identity
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY provider

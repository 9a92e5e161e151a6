-- Webhooks that the user subscribed, without what signs them. Grain: one row each. Parameters: :user_id uuid.
SELECT id, url, event_types, created_at
FROM webhook_subscription
WHERE owner = CAST(CAST(:user_id AS uuid) AS text)
ORDER BY created_at

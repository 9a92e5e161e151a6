-- An account's subscriptions, oldest first. Grain: one row each. Parameters: :owner text.
SELECT id, url, event_types, status, paused_because, paused_at, created_at
FROM webhook_subscription
WHERE owner = :owner
ORDER BY created_at, id

-- When the next delivery is due. Grain: one row, null where none waits.
SELECT min(waiting.next_at) AS next_at
FROM webhook_delivery AS waiting
JOIN webhook_subscription AS subscribed ON subscribed.id = waiting.subscription_id
WHERE waiting.status = 'waiting' AND subscribed.status = 'active'

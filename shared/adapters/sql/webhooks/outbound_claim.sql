-- Begin a try at deliveries that are due, leaving out those that somebody else holds. A try whose process dies is made
-- again when its hold ends.
-- Grain: one row per delivery. Parameters: :now, :held_until timestamptz; :limit integer.
WITH due AS MATERIALIZED (
  SELECT waiting.id
  FROM webhook_delivery AS waiting
  JOIN webhook_subscription AS subscribed ON subscribed.id = waiting.subscription_id
  WHERE waiting.status = 'waiting'
    AND waiting.next_at <= CAST(:now AS timestamptz)
    AND subscribed.status = 'active'
  ORDER BY waiting.next_at
  LIMIT CAST(:limit AS integer)
  FOR UPDATE OF waiting SKIP LOCKED
)
UPDATE webhook_delivery AS tried
SET attempts = tried.attempts + 1, next_at = :held_until
FROM webhook_subscription AS subscribed
WHERE tried.id IN (SELECT id FROM due) AND subscribed.id = tried.subscription_id
RETURNING
  tried.id, tried.event_type, tried.body, tried.attempts, subscribed.id AS subscription_id,
  subscribed.url, subscribed.sealed_secret

-- The last try failed: the subscription is told nothing more.
-- Grain: the subscription, none where it was paused before. Parameters: :subscription_id uuid, :error text, :now timestamptz.
WITH failed AS (
  UPDATE webhook_delivery SET status = 'failed', finished_at = :now, last_error = coalesce(last_error, :error)
  WHERE subscription_id = :subscription_id AND status = 'waiting'
)
UPDATE webhook_subscription SET status = 'paused', paused_because = :error, paused_at = :now
WHERE id = :subscription_id AND status = 'active'
RETURNING id, owner

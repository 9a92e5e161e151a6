-- A delivery for every active subscription of an event's type; an event that came before adds nothing.
-- Grain: one row per subscription. Parameters: :event_id uuid; :event_type, :body text; :now timestamptz.
INSERT INTO webhook_delivery
  (id, subscription_id, event_id, event_type, body, next_at, created_at)
SELECT gen_random_uuid(), id, :event_id, :event_type, :body, :now, :now
FROM webhook_subscription
WHERE status = 'active' AND CAST(:event_type AS text) = ANY (event_types)
ON CONFLICT (subscription_id, event_id) DO NOTHING

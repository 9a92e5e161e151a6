-- Keep a subscription. Parameters: :id uuid; :owner, :url, :sealed_secret text; :event_types json array; :now timestamptz.
INSERT INTO webhook_subscription (id, owner, url, event_types, sealed_secret, created_at)
VALUES (
  :id,
  :owner,
  :url,
  ARRAY(SELECT DISTINCT jsonb_array_elements_text(CAST(:event_types AS jsonb)) ORDER BY 1),
  :sealed_secret,
  :now
)
RETURNING id, url, event_types, status, paused_because, paused_at, created_at

-- Keep a notice; no row comes back where its hash is there already.
-- Grain: one row per notice. Parameters: the columns.
INSERT INTO webhook_event
  (id, event_hash, platform, event_type, listing, said_at, received_at, touched_at, raw_uri)
VALUES (
  :id, :event_hash, :platform, :event_type, :listing, :said_at, :received_at, :received_at, :raw_uri
)
ON CONFLICT (event_hash) WHERE NOT superseded DO NOTHING
RETURNING id

-- Keep one delivery that a consumer cannot take in.
-- Grain: one row per (consumer, event_id).
-- Parameters: :consumer text, :event_id text, :reason text, :payload bytea.
INSERT INTO rejected_event (consumer, event_id, reason, payload, created_at)
VALUES (:consumer, :event_id, :reason, :payload, clock_timestamp())
ON CONFLICT (consumer, event_id) DO NOTHING

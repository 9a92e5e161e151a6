-- Remember an event for one consumer; no row comes back when it was known.
-- Grain: one row per (consumer, event_id).
-- Parameters: :consumer text, :event_id uuid.
INSERT INTO processed_event (consumer, event_id, processed_at)
VALUES (:consumer, :event_id, clock_timestamp())
ON CONFLICT DO NOTHING
RETURNING event_id

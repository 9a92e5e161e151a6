-- Keep what a consumer failed at, or note that it failed again; the same delivery of a dead letter counts once.
-- Grain: one row per (consumer, event_id); no row comes back for a repetition.
-- Parameters: :consumer, :event_id, :topic, :message_id, :reason text; :payload bytea; :now timestamptz; :pauses interval[]
-- as text, the wait after each failure.
INSERT INTO rejected_event (consumer, event_id, topic, message_id, reason, payload, status, created_at, next_at)
VALUES (
  :consumer, :event_id, :topic, :message_id, :reason, :payload, 'dead',
  :now, CAST(:now AS timestamptz) + (CAST(:pauses AS interval[]))[1]
)
ON CONFLICT (consumer, event_id) DO UPDATE
SET
  topic = excluded.topic,
  message_id = excluded.message_id,
  reason = excluded.reason,
  payload = excluded.payload,
  status = 'dead',
  -- Past the last of them there is no element, so null.
  next_at = CAST(:now AS timestamptz) + (CAST(:pauses AS interval[]))[rejected_event.redeliveries + 1]
WHERE rejected_event.message_id IS DISTINCT FROM excluded.message_id
RETURNING redeliveries, next_at

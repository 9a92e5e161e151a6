-- Write events beside the state they tell of.
-- Grain: one row per event; a known event id adds nothing.
-- Parameters: :rows json array of {event_id, topic, ordering_key, payload}; :traceparent and :tracestate text, of all of them.
INSERT INTO outbox (event_id, topic, ordering_key, payload, traceparent, tracestate, created_at, next_at)
SELECT
  event_id,
  topic,
  ordering_key,
  payload,
  CAST(:traceparent AS text),
  CAST(:tracestate AS text),
  clock_timestamp(),
  clock_timestamp()
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS given (event_id uuid, topic text, ordering_key text, payload text)
ON CONFLICT (event_id) DO NOTHING
RETURNING id

-- Lock rows that wait to be published, oldest first, leaving out those somebody else holds.
-- Grain: one row per event. Reads the partial index of waiting rows.
-- Parameters: :ids json array of outbox ids, or null for all that are due; :limit bigint.
SELECT id, payload, traceparent, tracestate
FROM outbox
WHERE published_at IS NULL
  AND CASE
    WHEN CAST(:ids AS jsonb) IS NULL THEN next_at <= clock_timestamp()
    ELSE id IN (SELECT CAST(value AS bigint) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))
  END
ORDER BY id
LIMIT CAST(:limit AS bigint)
FOR UPDATE SKIP LOCKED

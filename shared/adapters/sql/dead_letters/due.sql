-- Lock what is to be delivered again, leaving out what somebody else holds.
-- Grain: one row per dead letter, at most :limit. Parameters: :now timestamptz, :limit integer.
SELECT id, consumer, topic, payload
FROM rejected_event
WHERE next_at <= :now
ORDER BY next_at, id
LIMIT CAST(:limit AS integer)
FOR UPDATE SKIP LOCKED

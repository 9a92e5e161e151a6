-- Rows that were not taken: try later, 1 s after the first failure, doubling, at most 5 minutes.
-- Parameters: :ids json array of outbox ids.
UPDATE outbox
SET
  attempts = attempts + 1,
  next_at = clock_timestamp() + least(interval '1 second' * power(2, least(attempts, 20)), interval '5 minutes')
WHERE id IN (SELECT CAST(value AS bigint) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))

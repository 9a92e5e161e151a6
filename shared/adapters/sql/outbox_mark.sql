-- Rows that were published.
-- Parameters: :ids json array of outbox ids.
UPDATE outbox
SET published_at = clock_timestamp(), attempts = attempts + 1
WHERE id IN (SELECT CAST(value AS bigint) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))

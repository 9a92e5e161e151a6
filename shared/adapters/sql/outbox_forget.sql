-- Forget events that were published long ago, and that consumers took in longer ago than anything is delivered again.
-- What was never published stays, whatever its age.
-- Grain: one row, how many of each. Parameters: :published, :processed timestamptz; :limit bigint, of each.
WITH told AS (
  DELETE FROM outbox
  WHERE id IN (
    SELECT id FROM outbox
    WHERE created_at < :published AND published_at < :published
    LIMIT CAST(:limit AS bigint)
  )
  RETURNING 1
),
taken AS (
  DELETE FROM processed_event
  WHERE (consumer, event_id) IN (
    SELECT consumer, event_id FROM processed_event
    WHERE processed_at < :processed
    LIMIT CAST(:limit AS bigint)
  )
  RETURNING 1
)
SELECT (SELECT count(*) FROM told) AS told, (SELECT count(*) FROM taken) AS taken

-- For how long the event that has waited longest to be published has waited, in seconds; 0 where none waits.
-- Grain: one row. Reads the first entry of the index of waiting rows: ids are given in the order of writing.
SELECT coalesce(
  (
    SELECT greatest(0, extract(EPOCH FROM clock_timestamp() - created_at))
    FROM outbox
    WHERE published_at IS NULL
    ORDER BY id
    LIMIT 1
  ), 0
) AS seconds

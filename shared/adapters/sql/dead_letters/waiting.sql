-- How many wait to be delivered again, and for how many a person is needed.
-- Grain: one row.
SELECT
  count(*) FILTER (WHERE next_at IS NOT NULL) AS redelivery,
  count(*) FILTER (WHERE next_at IS NULL AND status = 'dead') AS person
FROM rejected_event

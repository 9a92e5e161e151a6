-- What became of deliveries and notices in the last 24 hours; dead letters are all there are.
-- Grain: one row. p95_ms: the least bound that 95 % of deliveries were within.
-- Parameters: :platform text or null, :now timestamptz.
WITH tally AS MATERIALIZED (
  SELECT outcome, within_ms, count
  FROM webhook_tally
  WHERE hour > CAST(:now AS timestamptz) - interval '24 hours'
    AND (CAST(:platform AS text) IS NULL OR platform = CAST(:platform AS text))
),
notices AS MATERIALIZED (
  SELECT status, received_at, finished_at, error
  FROM webhook_event
  WHERE (CAST(:platform AS text) IS NULL OR platform = CAST(:platform AS text))
    AND (status IN ('received', 'dead') OR finished_at > CAST(:now AS timestamptz) - interval '24 hours')
),
spread AS (
  SELECT
    within_ms,
    sum(sum(count)) OVER (ORDER BY within_ms) AS upto,
    sum(sum(count)) OVER () AS whole
  FROM tally
  GROUP BY within_ms
)
SELECT
  (SELECT coalesce(sum(count), 0) FROM tally) AS received,
  (SELECT coalesce(sum(count), 0) FROM tally WHERE outcome = 'accepted') AS accepted,
  (SELECT coalesce(sum(count), 0) FROM tally WHERE outcome = 'duplicate') AS duplicates,
  (SELECT coalesce(sum(count), 0) FROM tally WHERE outcome = 'rejected') AS rejected,
  (SELECT count(*) FROM notices WHERE status IN ('processed', 'outdated')) AS processed,
  (SELECT count(*) FROM notices WHERE status = 'received' AND error IS NOT NULL) AS failed,
  (SELECT count(*) FROM notices WHERE status = 'dead') AS dead_lettered,
  (
    SELECT coalesce(max(extract(EPOCH FROM CAST(:now AS timestamptz) - received_at)), 0)
    FROM notices WHERE status = 'received'
  ) AS queue_age_s,
  (SELECT min(within_ms) FROM spread WHERE upto >= .95 * whole) AS p95_ms

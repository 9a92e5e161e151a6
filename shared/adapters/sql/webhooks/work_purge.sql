-- Forget notices a day after they were done and dead ones after ninety; counters after two days.
-- Parameters: :now timestamptz.
WITH notices AS (
  DELETE FROM webhook_event
  WHERE (status IN ('processed', 'outdated') AND finished_at < CAST(:now AS timestamptz) - interval '24 hours')
    OR (status = 'dead' AND finished_at < CAST(:now AS timestamptz) - interval '90 days')
  RETURNING 1
),
counters AS (
  DELETE FROM webhook_tally WHERE hour < CAST(:now AS timestamptz) - interval '48 hours'
)
SELECT count(*) FROM notices

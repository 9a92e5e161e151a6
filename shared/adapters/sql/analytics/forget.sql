-- Forget what is too old: who used which text after its week, the rest with the searches it is about; of these,
-- the ones that lie in the partition of no day.
-- Grain: one row, the number of rows gone.
-- Parameters: :now timestamptz.
WITH moment AS (SELECT CAST(:now AS timestamptz) AS now),
askers AS (
  DELETE FROM search_asker USING moment WHERE week < CAST(moment.now AT TIME ZONE 'UTC' AS date) - 7 RETURNING 1
),
texts AS (
  DELETE FROM search_text USING moment WHERE week < CAST(moment.now AT TIME ZONE 'UTC' AS date) - 37 RETURNING 1
),
others AS (
  DELETE FROM search_event_other USING moment WHERE occurred_at < moment.now - interval '31 days' RETURNING 1
),
clicks AS (
  DELETE FROM search_click USING moment WHERE searched_at < moment.now - interval '31 days' RETURNING 1
),
hours AS (
  DELETE FROM popular_search USING moment
  WHERE (period_type = 'hour' AND period_start < moment.now - interval '31 days')
    OR period_start < moment.now - interval '400 days'
  RETURNING 1
)
SELECT
  (SELECT count(*) FROM askers) + (SELECT count(*) FROM texts)
  + (SELECT count(*) FROM others) + (SELECT count(*) FROM clicks) + (SELECT count(*) FROM hours) AS gone

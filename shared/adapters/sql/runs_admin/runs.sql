-- Runs, each the sum of its parts. Not a statement.
SELECT
  run_id,
  min(kind) AS kind,
  min(started_at) AS started_at,
  CASE WHEN count(fetched_at) = count(*) THEN max(fetched_at) END AS fetched_at,
  array_agg(DISTINCT provider) AS providers,
  count(*) AS parts,
  count(fetched_at) AS parts_fetched,
  count(error) AS parts_failed
FROM ingest_run
WHERE CAST(:run_id AS text) IS NULL OR run_id = CAST(:run_id AS text)
GROUP BY run_id

-- What a run read, and how much of it is set aside.
-- Grain: one row. Parameters: :run_id text.
SELECT
  CAST(coalesce(sum(read), 0) AS integer) AS read,
  CAST(coalesce(sum(set_aside), 0) AS integer) AS set_aside
FROM ingest_page
WHERE run_id = :run_id

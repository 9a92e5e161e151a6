-- What a run read, how much of it is set aside, and of how many records.
-- Grain: one row. Parameters: :run_id text.
SELECT
  CAST(coalesce(sum(read), 0) AS integer) AS read,
  CAST(coalesce(sum(set_aside), 0) AS integer) AS set_aside,
  (
    SELECT count(DISTINCT substring(raw_uri FROM '^[^#]*#?[0-9]*')) FROM ingest_error
    WHERE run_id = :run_id AND stage IN ('normalize', 'resolve')
  ) AS faulty
FROM ingest_page
WHERE run_id = :run_id

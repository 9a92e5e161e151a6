-- Runs before a position, the nearest first.
-- Grain: one row per run. Parameters: those of list_next.sql, with a position.
WITH chosen AS MATERIALIZED (
  SELECT * FROM (
    /* runs */
  ) AS run
  WHERE (CAST(:kind AS text) IS NULL OR kind = CAST(:kind AS text))
    AND (started_at, run_id) > (CAST(:sort_key AS timestamptz), CAST(:id AS text))
  ORDER BY started_at, run_id
  LIMIT CAST(:limit AS integer)
)
/* figures */
ORDER BY chosen.started_at, chosen.run_id

-- Runs beyond a position, the newest first.
-- Grain: one row per run. Reads all parts of all runs, some ten thousand a year.
-- Parameters: :run_id NULL; :kind text or NULL; :sort_key and :id of the position, or both NULL; :limit integer.
WITH chosen AS MATERIALIZED (
  SELECT * FROM (
    /* runs */
  ) AS run
  WHERE (CAST(:kind AS text) IS NULL OR kind = CAST(:kind AS text))
    AND (
      CAST(:id AS text) IS NULL
      OR (started_at, run_id) < (CAST(:sort_key AS timestamptz), CAST(:id AS text))
    )
  ORDER BY started_at DESC, run_id DESC
  LIMIT CAST(:limit AS integer)
)
/* figures */
ORDER BY chosen.started_at DESC, chosen.run_id DESC

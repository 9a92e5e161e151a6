-- One run.
-- Grain: one row, none where there is no such run. Parameters: :run_id text.
WITH chosen AS MATERIALIZED (
  /* runs */
)
/* figures */

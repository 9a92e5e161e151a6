-- Keep how late sources are; one that no longer disputes anything is forgotten.
-- Grain: one row per source.
-- Parameters: :rows json array of {source, taken_back, median_days, lag_days}; :now timestamptz as
-- text.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    source text, taken_back bigint, median_days double precision, lag_days double precision
  )
),
gone AS (
  DELETE FROM source_lag AS old WHERE NOT EXISTS (SELECT FROM given WHERE given.source = old.source)
)
INSERT INTO source_lag (source, taken_back, median_days, lag_days, counted_at)
SELECT source, taken_back, median_days, lag_days, CAST(:now AS timestamptz) FROM given
ON CONFLICT (source) DO UPDATE SET
  taken_back = excluded.taken_back,
  median_days = excluded.median_days,
  lag_days = excluded.lag_days,
  counted_at = excluded.counted_at

-- Keep records that were set aside.
-- Grain: one row per (stage, raw_uri); the first reason stays.
-- Parameters: :rows json array of {run_id, stage, raw_uri, field, error}.
INSERT INTO ingest_error (run_id, stage, raw_uri, field, error, created_at)
SELECT run_id, stage, raw_uri, coalesce(field, ''), error, clock_timestamp()
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS given (run_id text, stage text, raw_uri text, field text, error text)
ON CONFLICT (stage, raw_uri) DO NOTHING

-- A part of a run is fetched, wholly or as far as it will be.
-- Grain: one row per (run_id, provider, platform, region).
-- Parameters: :run_id :provider :platform :region :kind text, :error text or null.
INSERT INTO ingest_run (run_id, provider, platform, region, kind, started_at, fetched_at, error)
VALUES (
  :run_id, :provider, :platform, :region, :kind, clock_timestamp(), clock_timestamp(),
  CAST(:error AS text)
)
ON CONFLICT (run_id, provider, platform, region)
DO UPDATE SET fetched_at = excluded.fetched_at, error = excluded.error

-- A part of a run is being fetched.
-- Grain: one row per (run_id, provider, platform, region).
-- Parameters: :run_id :provider :platform :region :kind text.
INSERT INTO ingest_run (run_id, provider, platform, region, kind, started_at)
VALUES (:run_id, :provider, :platform, :region, :kind, clock_timestamp())
ON CONFLICT (run_id, provider, platform, region) DO UPDATE SET fetched_at = NULL, error = NULL

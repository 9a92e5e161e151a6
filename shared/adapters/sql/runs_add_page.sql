-- One raw page was stored.
-- Grain: one row per raw_uri; a known page stays as it is.
-- Parameters: :raw_uri :run_id :provider :platform :region :kind text, :page :read integer.
INSERT INTO ingest_page
  (raw_uri, run_id, provider, platform, region, page, read, created_at, updated_at)
VALUES (
  :raw_uri, :run_id, :provider, :platform, :region, CAST(:page AS integer),
  CAST(:read AS integer), clock_timestamp(), clock_timestamp()
)
ON CONFLICT (raw_uri) DO NOTHING

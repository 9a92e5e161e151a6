-- Take a part's lease, or take it again; whose it is and until when comes back in any case.
-- Grain: one row per (provider, platform, region, kind). The row stays as it is where another run holds it.
-- Parameters: :provider :platform :region :kind :run_id text, :now :expires_at timestamptz.
INSERT INTO fetch_lease AS held (provider, platform, region, kind, run_id, expires_at)
VALUES (:provider, :platform, :region, :kind, :run_id, CAST(:expires_at AS timestamptz))
ON CONFLICT (provider, platform, region, kind) DO UPDATE
SET
  run_id = CASE
    WHEN held.expires_at <= CAST(:now AS timestamptz) THEN excluded.run_id
    ELSE held.run_id
  END,
  expires_at = CASE
    WHEN held.expires_at <= CAST(:now AS timestamptz) OR held.run_id = excluded.run_id THEN excluded.expires_at
    ELSE held.expires_at
  END
RETURNING run_id, expires_at

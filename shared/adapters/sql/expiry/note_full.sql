-- A full run was compared with what is kept.
-- Grain: one row per (provider, platform, region, kind).
-- Parameters: :provider :platform :region :kind text; :at timestamptz.
INSERT INTO sync_cursor (provider, platform, region, kind, last_full_at)
VALUES (:provider, :platform, :region, :kind, CAST(:at AS timestamptz))
ON CONFLICT (provider, platform, region, kind) DO UPDATE SET last_full_at = excluded.last_full_at

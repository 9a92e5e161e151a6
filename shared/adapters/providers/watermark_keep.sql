-- Move a feed's watermark forward.
-- Grain: one row per (provider, platform, region, kind); never goes back.
-- Parameters: :provider, :platform, :region, :kind text, :watermark timestamptz.
INSERT INTO sync_cursor (provider, platform, region, kind, watermark)
VALUES (:provider, :platform, :region, :kind, :watermark)
ON CONFLICT (provider, platform, region, kind) DO UPDATE
SET watermark = greatest(sync_cursor.watermark, excluded.watermark)

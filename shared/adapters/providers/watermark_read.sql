-- Until when a feed was read whole.
-- Grain: one row or none, by primary key.
-- Parameters: :provider, :platform, :region, :kind text.
SELECT watermark
FROM sync_cursor
WHERE provider = :provider AND platform = :platform AND region = :region AND kind = :kind

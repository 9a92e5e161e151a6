-- Count a delivery.
-- Grain: one row per platform, hour, outcome and bound. Parameters: :platform, :outcome text; :at timestamptz; :within_ms integer.
INSERT INTO webhook_tally (platform, hour, outcome, within_ms, count)
VALUES (:platform, date_trunc('hour', CAST(:at AS timestamptz)), :outcome, :within_ms, 1)
ON CONFLICT (platform, hour, outcome, within_ms) DO UPDATE SET count = webhook_tally.count + 1

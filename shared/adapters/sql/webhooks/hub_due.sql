-- Topics to ask the hub for: new ones, and those at four fifths of their lease. Late is what the hub has not confirmed two
-- hours after that, though it was asked each hour.
-- Grain: one row per topic. Parameters: :now timestamptz.
SELECT
  topic,
  coalesce(renew_at, created_at) < CAST(:now AS timestamptz) - interval '2 hours' AS is_late
FROM webhook_topic
WHERE renew_at < CAST(:now AS timestamptz) OR confirmed_at IS NULL
ORDER BY topic

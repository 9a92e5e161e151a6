-- Topics whose lease was to be renewed by now, and those that were never confirmed.
-- Grain: one row per topic. Parameters: :now timestamptz.
SELECT topic FROM webhook_topic
WHERE renew_at < CAST(:now AS timestamptz)
  OR (confirmed_at IS NULL AND created_at < CAST(:now AS timestamptz) - interval '1 hour')
ORDER BY topic

-- Forget deliveries a day after they were taken, failed ones after ninety. Parameters: :now timestamptz.
DELETE FROM webhook_delivery
WHERE finished_at < CAST(:now AS timestamptz)
  - CASE status WHEN 'failed' THEN interval '90 days' ELSE interval '24 hours' END

-- Take a platform's dead letters back, oldest first; without a platform, those of any whose time has come.
-- Grain: one row per notice. Parameters: :platform text or null, :limit integer, :now timestamptz.
UPDATE webhook_event
SET status = 'received', attempts = 0, replays = replays + 1, error = NULL, finished_at = NULL, touched_at = :now,
  next_at = NULL
WHERE id IN (
  SELECT id FROM webhook_event
  WHERE status = 'dead' AND CASE
      WHEN CAST(:platform AS text) IS NULL THEN next_at <= :now
      ELSE platform = CAST(:platform AS text)
    END
  ORDER BY received_at, id
  LIMIT CAST(:limit AS integer)
  FOR UPDATE SKIP LOCKED
)
RETURNING id, platform, event_type, listing, replays

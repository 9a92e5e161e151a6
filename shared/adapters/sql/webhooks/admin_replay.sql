-- Take a platform's dead letters back, oldest first.
-- Grain: one row per notice. Parameters: :platform text, :limit integer, :now timestamptz.
UPDATE webhook_event
SET status = 'received', attempts = 0, replays = replays + 1, error = NULL, finished_at = NULL, touched_at = :now
WHERE id IN (
  SELECT id FROM webhook_event
  WHERE status = 'dead' AND platform = :platform
  ORDER BY received_at, id
  LIMIT CAST(:limit AS integer)
  FOR UPDATE SKIP LOCKED
)
RETURNING id, platform, event_type, listing, replays

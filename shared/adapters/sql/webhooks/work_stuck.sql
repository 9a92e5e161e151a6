-- Notices that nobody has touched for a while although they wait; they are told of once more.
-- Grain: one row per notice, at most :limit. Parameters: :before, :now timestamptz; :limit integer.
UPDATE webhook_event SET touched_at = :now
WHERE id IN (
  SELECT id FROM webhook_event
  WHERE status = 'received' AND touched_at < :before
  ORDER BY received_at
  LIMIT CAST(:limit AS integer)
  FOR UPDATE SKIP LOCKED
)
RETURNING id, platform, event_type, listing

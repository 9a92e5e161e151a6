-- Begin a try at a notice that waits.
-- Grain: one row, none where it is done or given up. Parameters: :id uuid, :now timestamptz.
UPDATE webhook_event SET attempts = attempts + 1, touched_at = :now
WHERE id = :id AND status = 'received'
RETURNING id, platform, event_type, listing, said_at, attempts, replays, raw_uri

-- A notice is done, or given up.
-- Parameters: :id uuid, :status text, :outcome and :error text or null, :now timestamptz.
UPDATE webhook_event
SET status = :status, outcome = :outcome, error = :error, finished_at = :now, touched_at = :now
WHERE id = :id AND status = 'received'

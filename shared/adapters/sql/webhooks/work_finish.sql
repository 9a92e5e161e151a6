-- A notice is done, or given up.
-- Parameters: :id uuid, :status text, :outcome and :error text or null, :now timestamptz; :pauses interval[] as text, the wait
-- after each time it was given up although another try may succeed.
UPDATE webhook_event
SET status = :status, outcome = :outcome, error = :error, finished_at = :now, touched_at = :now,
  next_at = CAST(:now AS timestamptz) + (CAST(:pauses AS interval[]))[replays + 1]
WHERE id = :id AND status = 'received'

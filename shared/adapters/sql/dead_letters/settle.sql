-- What became of dead letters that were due: sent, not taken by Pub/Sub (a later turn), or of no use to anybody as they are.
-- Parameters: :sent, :missed, :unreadable bigint[] as text, ids; :later timestamptz.
UPDATE rejected_event
SET
  status = CASE WHEN id = ANY(CAST(:sent AS bigint[])) THEN 'redelivered' ELSE status END,
  redeliveries = redeliveries + CAST(id = ANY(CAST(:sent AS bigint[])) AS integer),
  next_at = CASE WHEN id = ANY(CAST(:missed AS bigint[])) THEN CAST(:later AS timestamptz) END
WHERE id = ANY(CAST(:sent AS bigint[]) || CAST(:missed AS bigint[]) || CAST(:unreadable AS bigint[]))

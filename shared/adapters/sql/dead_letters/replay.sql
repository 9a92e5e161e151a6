-- Let dead letters be delivered again at the next turn, oldest first. Bodies of webhooks are no deliveries of ours.
-- Grain: one row per dead letter, its id. Parameters: :status text; :consumer, :topic text or null; :ids bigint[] as text or
-- null; :limit integer; :now timestamptz.
UPDATE rejected_event
SET next_at = :now
WHERE id IN (
  SELECT id FROM rejected_event
  WHERE status = :status
    AND consumer NOT LIKE 'webhooks/%'
    AND (CAST(:consumer AS text) IS NULL OR consumer = CAST(:consumer AS text))
    AND (CAST(:topic AS text) IS NULL OR topic = CAST(:topic AS text))
    AND (CAST(:ids AS bigint[]) IS NULL OR id = ANY(CAST(:ids AS bigint[])))
  ORDER BY created_at, id
  LIMIT CAST(:limit AS integer)
  FOR UPDATE
)
RETURNING id

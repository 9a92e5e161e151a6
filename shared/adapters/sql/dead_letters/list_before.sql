-- A page of what was kept, towards the newest, the oldest first, without what it says.
-- Grain: one row per dead letter. Parameters: :status, :consumer, :topic text or null; :sort_key timestamptz and :id bigint of
-- the last row shown, or null; :limit integer.
SELECT id, consumer, topic, event_id, status, reason, redeliveries, created_at, next_at
FROM rejected_event
WHERE (CAST(:status AS text) IS NULL OR status = CAST(:status AS text))
  AND (CAST(:consumer AS text) IS NULL OR consumer = CAST(:consumer AS text))
  AND (CAST(:topic AS text) IS NULL OR topic = CAST(:topic AS text))
  AND (
    CAST(:sort_key AS timestamptz) IS NULL
    OR (created_at, id) > (CAST(:sort_key AS timestamptz), CAST(:id AS bigint))
  )
ORDER BY created_at, id
LIMIT CAST(:limit AS integer)

-- Hold a notice that still waits, and tell whether a later one about the same listing was applied.
-- Grain: one row, none where somebody else was faster. Parameters: :id uuid.
SELECT EXISTS (
  SELECT 1 FROM webhook_event AS later
  WHERE later.platform = mine.platform
    AND later.listing = mine.listing
    AND later.status = 'processed'
    AND later.said_at > mine.said_at
) AS outdated
FROM webhook_event AS mine
WHERE mine.id = :id AND mine.status = 'received'
FOR UPDATE

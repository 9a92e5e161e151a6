-- The account whose grace ended first, held until the commit; one that somebody else holds is passed over.
-- Grain: one row, or none.
-- Parameters: :now timestamptz.
SELECT id
FROM app_user
WHERE deletion_scheduled_at <= CAST(:now AS timestamptz) AND status = 'pending_deletion'
ORDER BY deletion_scheduled_at
LIMIT 1
FOR UPDATE SKIP LOCKED

-- Answer a question.
-- Grain: one row. Parameters: :id uuid; :status :by text; :now timestamptz.
UPDATE review_item
SET status = :status, decided_by = :by, decided_at = CAST(:now AS timestamptz)
WHERE id = CAST(:id AS uuid)

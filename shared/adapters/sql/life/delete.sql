-- Delete a title: its row stays, so that its listings do not come back as another.
-- Grain: one row. Parameters: :id uuid; :now timestamptz.
UPDATE content SET deleted_at = CAST(:now AS timestamptz), updated_at = CAST(:now AS timestamptz)
WHERE id = CAST(:id AS uuid)

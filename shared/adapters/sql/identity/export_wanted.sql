-- A copy that is to be built, held until the commit; built already, or of an account that is gone, it is none.
-- Grain: one row, or none. Parameters: :id uuid.
SELECT user_id
FROM user_export
WHERE id = CAST(:id AS uuid) AND built_at IS NULL
FOR UPDATE

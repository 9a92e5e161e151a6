-- Living titles in the order of their ids, a batch at a time.
-- Grain: one row per title. Parameters: :after uuid; :limit integer.
WITH chosen AS MATERIALIZED (
  SELECT * FROM content
  WHERE id > CAST(:after AS uuid) AND deleted_at IS NULL AND merged_into IS NULL
  ORDER BY id
  LIMIT CAST(:limit AS integer)
)
/* quality_facts */
ORDER BY chosen.id

-- When a title was made and changed, and which titles lead to it.
-- Grain: one row. Parameters: :id uuid.
SELECT
  created_at,
  updated_at,
  CAST((
    SELECT coalesce(json_agg(merged.id ORDER BY merged.id), '[]') FROM content AS merged
    WHERE merged.merged_into = content.id
  ) AS text) AS merged
FROM content
WHERE id = CAST(:id AS uuid)

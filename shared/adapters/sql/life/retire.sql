-- Let a title lead to the one it became, and with it those that led to it.
-- Grain: one row; redirects: JSON array of the ids that led to it. Parameters: :merged :kept uuid; :now timestamptz.
WITH retired AS (
  UPDATE content SET merged_into = CAST(:kept AS uuid), updated_at = CAST(:now AS timestamptz)
  WHERE id = CAST(:merged AS uuid)
),
touched AS (
  UPDATE content SET updated_at = CAST(:now AS timestamptz) WHERE id = CAST(:kept AS uuid)
),
led AS (
  UPDATE content SET merged_into = CAST(:kept AS uuid)
  WHERE merged_into = CAST(:merged AS uuid)
  RETURNING id
),
forgotten AS (
  DELETE FROM content_embedding WHERE content_id = CAST(:merged AS uuid)
)
SELECT CAST((SELECT coalesce(json_agg(id), '[]') FROM led) AS text) AS redirects

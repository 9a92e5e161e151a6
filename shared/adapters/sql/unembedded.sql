-- Living titles that have been without a vector for longer than embedding takes: those first that were never told of, then
-- those whose turn was longest ago. That they are told of now is noted.
-- Grain: one row per title. Reads the index of titles without one, and sorts what it finds.
-- Parameters: :before timestamptz, created earlier; :now timestamptz; :most rows.
WITH embedded AS (
  DELETE FROM unembedded_told AS told
  USING content
  WHERE content.id = told.content_id AND content.embedded_at IS NOT NULL
),
late AS (
  SELECT content.id, told.told_at
  FROM content
  LEFT JOIN unembedded_told AS told ON told.content_id = content.id
  WHERE content.embedded_at IS NULL
    AND content.deleted_at IS NULL AND content.merged_into IS NULL
    AND content.created_at < CAST(:before AS timestamptz)
    AND (told.told_at IS NULL OR told.told_at < CAST(:now AS timestamptz))
  ORDER BY told.told_at NULLS FIRST, content.id
  LIMIT CAST(:most AS integer)
),
noted AS (
  INSERT INTO unembedded_told (content_id, told_at)
  SELECT id, CAST(:now AS timestamptz) FROM late
  ON CONFLICT (content_id) DO UPDATE SET told_at = excluded.told_at
)
SELECT id FROM late ORDER BY told_at NULLS FIRST, id

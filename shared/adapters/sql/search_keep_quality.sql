-- Keeps quality scores that changed. Grain: one row per title.
-- Parameters: :rows JSON array of {content_id, quality}.
UPDATE content c
SET quality_score = given.quality
FROM (
  SELECT r.content_id, r.quality
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (content_id uuid, quality real)
  ORDER BY r.content_id
) AS given
WHERE c.id = given.content_id AND c.quality_score IS DISTINCT FROM given.quality

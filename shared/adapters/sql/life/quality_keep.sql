-- Keep scores that changed; updated_at stays, since nothing a reader sees of the titles did.
-- Grain: one row per title. Parameters: :rows json array of {id, quality}.
UPDATE content SET quality_score = given.quality
FROM (
  SELECT id, quality FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (id uuid, quality real)
  ORDER BY id
) AS given
WHERE content.id = given.id AND content.quality_score IS DISTINCT FROM given.quality

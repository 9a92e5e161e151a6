-- Questions for a person; one that was asked before, decided or not, is not asked again, and of two titles that a person
-- called separate nothing is asked any more.
-- Grain: one row per (platform, platform_content_id, reason, candidate_id).
-- Parameters: :rows json array; :now timestamptz as text.
INSERT INTO review_item (
  id, reason, platform, platform_content_id, region, raw_uri, content_id, candidate_id, id_type,
  id_value, score, features, created_at
)
SELECT
  id, reason, platform, listing, region, raw_uri, content_id, candidate_id, id_type, id_value,
  score, features, CAST(:now AS timestamptz)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
  id uuid, reason text, platform text, listing text, region text, raw_uri text, content_id uuid,
  candidate_id uuid, id_type text, id_value text, score real, features jsonb
)
WHERE NOT EXISTS (
  SELECT 1 FROM review_item AS decided
  WHERE decided.status = 'separate'
    AND (decided.content_id, decided.candidate_id) IN (
      (given.content_id, given.candidate_id), (given.candidate_id, given.content_id)
    )
)
ON CONFLICT (platform, platform_content_id, reason, candidate_id) DO NOTHING

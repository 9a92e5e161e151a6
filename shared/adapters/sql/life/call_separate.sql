-- Remember that two titles are two, so that nobody is asked; questions that were open about them are answered by it.
-- Grain: one row per listing given. Parameters: :rows json array of {id, platform, listing, content_id, candidate_id};
-- :by text; :now timestamptz.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    id uuid, platform text, listing text, content_id uuid, candidate_id uuid
  )
),
answered AS (
  UPDATE review_item AS question
  SET status = 'separate', decided_by = :by, decided_at = CAST(:now AS timestamptz)
  FROM given
  WHERE question.status = 'pending'
    AND question.content_id = given.content_id
    AND question.candidate_id = given.candidate_id
)
INSERT INTO review_item (
  id, reason, platform, platform_content_id, region, raw_uri, content_id, candidate_id, score,
  features, status, decided_by, decided_at, created_at
)
SELECT
  id, 'split', platform, listing, '', '', content_id, candidate_id, 0, '{}', 'separate', :by,
  CAST(:now AS timestamptz), CAST(:now AS timestamptz)
FROM given
ON CONFLICT (platform, platform_content_id, reason, candidate_id) DO UPDATE SET
  content_id = excluded.content_id,
  status = excluded.status,
  decided_by = excluded.decided_by,
  decided_at = excluded.decided_at

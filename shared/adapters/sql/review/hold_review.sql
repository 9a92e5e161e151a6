-- A question, held until the transaction ends, with what its titles have become.
-- Grain: one row, none where there is no such question. Parameters: :id uuid.
WITH RECURSIVE question AS MATERIALIZED (
  SELECT id, status, content_id, candidate_id FROM review_item WHERE id = CAST(:id AS uuid) FOR UPDATE
),
trail AS (
  SELECT content.id AS asked, content.id, content.merged_into, 1 AS step
  FROM content
  WHERE content.id IN (SELECT content_id FROM question UNION ALL SELECT candidate_id FROM question)
  UNION ALL
  SELECT trail.asked, content.id, content.merged_into, trail.step + 1
  FROM trail
  JOIN content ON content.id = trail.merged_into
  WHERE trail.step < 10
)
SELECT
  question.id,
  question.status,
  (SELECT id FROM trail WHERE asked = question.content_id AND merged_into IS NULL LIMIT 1) AS listed,
  (SELECT id FROM trail WHERE asked = question.candidate_id AND merged_into IS NULL LIMIT 1) AS candidate
FROM question

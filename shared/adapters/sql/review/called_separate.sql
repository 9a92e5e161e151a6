-- Whether a person called two titles separate, or two that have become part of them.
-- Grain: one row, one boolean. Parameters: :left :right uuid.
WITH RECURSIVE part AS (
  SELECT id AS title, id FROM content WHERE id IN (CAST(:left AS uuid), CAST(:right AS uuid))
  UNION ALL
  SELECT part.title, content.id
  FROM part
  JOIN content ON content.merged_into = part.id
)
SELECT EXISTS (
  SELECT 1
  FROM review_item AS decided
  JOIN part AS listed ON listed.id = decided.content_id
  JOIN part AS other ON other.id = decided.candidate_id
  WHERE decided.status = 'separate' AND listed.title <> other.title
) AS found

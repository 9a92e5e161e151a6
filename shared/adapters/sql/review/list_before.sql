-- Questions before a position, the nearest first.
-- Grain: one row per question. Parameters: those of list_next.sql, with a position.
WITH page AS MATERIALIZED (
  SELECT * FROM review_item
  WHERE status = :status
    AND (CAST(:reason AS text) IS NULL OR reason = CAST(:reason AS text))
    AND (CAST(:platform AS text) IS NULL OR platform = CAST(:platform AS text))
    AND (score, id) > (CAST(:sort_key AS real), CAST(:id AS uuid))
  ORDER BY score, id
  LIMIT CAST(:limit AS integer)
)
/* shown */
ORDER BY question.score, question.id

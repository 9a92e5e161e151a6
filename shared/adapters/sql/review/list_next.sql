-- Questions beyond a position, the likeliest first.
-- Grain: one row per question. Reads the index (status, score DESC).
-- Parameters: :status text; :reason :platform text or NULL; :sort_key and :id of the position, or both NULL; :limit integer.
WITH page AS MATERIALIZED (
  SELECT * FROM review_item
  WHERE status = :status
    AND (CAST(:reason AS text) IS NULL OR reason = CAST(:reason AS text))
    AND (CAST(:platform AS text) IS NULL OR platform = CAST(:platform AS text))
    AND (
      CAST(:id AS uuid) IS NULL OR (score, id) < (CAST(:sort_key AS real), CAST(:id AS uuid))
    )
  ORDER BY score DESC, id DESC
  LIMIT CAST(:limit AS integer)
)
/* shown */
ORDER BY question.score DESC, question.id DESC

-- Open questions about two living titles, beyond a position.
-- Grain: one row per question. Reads the open ones in the index (status, score DESC), which are few.
-- Parameters: :reasons json array of text; :after uuid, where the last page ended; :limit integer.
SELECT question.id, question.reason, question.content_id, question.candidate_id
FROM review_item AS question
JOIN content AS listed ON listed.id = question.content_id
JOIN content AS other ON other.id = question.candidate_id
WHERE question.status = 'pending'
  AND question.reason = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(:reasons AS jsonb))))
  AND question.id > CAST(:after AS uuid)
  AND question.content_id <> question.candidate_id
  AND listed.merged_into IS NULL AND listed.deleted_at IS NULL
  AND other.merged_into IS NULL AND other.deleted_at IS NULL
ORDER BY question.id
LIMIT CAST(:limit AS integer)

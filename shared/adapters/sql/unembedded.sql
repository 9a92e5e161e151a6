-- Living titles that have been without a vector for longer than embedding takes, by id.
-- Grain: one row per title. Reads the index of titles without one.
-- Parameters: :before timestamptz, created earlier; :most rows.
SELECT id
FROM content
WHERE embedded_at IS NULL
  AND deleted_at IS NULL AND merged_into IS NULL
  AND created_at < CAST(:before AS timestamptz)
ORDER BY id
LIMIT CAST(:most AS integer)

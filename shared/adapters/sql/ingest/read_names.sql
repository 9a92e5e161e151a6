-- By what titles are found and told apart, of those that became no part of another.
-- Grain: one row per title, its names in the order of their weight: main, original, others.
-- Parameters: :after content id, the last of the part before; :most how many.
SELECT
  content.id,
  content.content_type,
  content.release_year,
  content.runtime_minutes,
  content.overview,
  ARRAY(
    SELECT title FROM content_title
    WHERE content_id = content.id
    ORDER BY locale <> 'main', locale <> 'original', locale
  ) AS names
FROM content
WHERE content.id > CAST(:after AS uuid) AND content.merged_into IS NULL
ORDER BY content.id
LIMIT CAST(:most AS integer)

-- How many living titles each genre has. Grain: one row per genre. Cost: one pass over content_genre.
SELECT g.value AS id, count(*) AS titles
FROM content_genre g
JOIN content c ON c.id = g.content_id
WHERE c.deleted_at IS NULL AND c.merged_into IS NULL
GROUP BY g.value
ORDER BY g.value

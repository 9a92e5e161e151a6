-- Genres, themes and platforms with how many living titles each has; a platform with its regions.
-- Grain: one row per kind and value, themes of fewer than :least titles left out.
-- Cost: one pass over the genres, themes and live offers.
-- Parameters: :least integer; :now timestamptz.
SELECT 'genre' AS kind, g.value, count(*) AS titles, CAST('{}' AS text[]) AS regions
FROM content_genre g
JOIN content c ON c.id = g.content_id AND c.deleted_at IS NULL AND c.merged_into IS NULL
GROUP BY g.value
UNION ALL
SELECT 'keyword', t.value, count(*), '{}'
FROM content_theme t
JOIN content c ON c.id = t.content_id AND c.deleted_at IS NULL AND c.merged_into IS NULL
GROUP BY t.value
HAVING count(*) >= :least
UNION ALL
SELECT 'platform', a.platform, count(DISTINCT a.content_id), array_agg(DISTINCT a.region)
FROM availability a
JOIN content c ON c.id = a.content_id AND c.deleted_at IS NULL AND c.merged_into IS NULL
WHERE a.ended_at IS NULL
  AND a.hidden_at IS NULL
  AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
  AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
GROUP BY a.platform

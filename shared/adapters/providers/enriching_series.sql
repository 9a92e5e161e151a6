-- Series with their id at TMDB, of whose seasons and episodes it has told nothing since a moment: those first of which it never
-- has, then longest ago.
-- Grain: one row per series and id. Reads the series of content, and of each the parts that TMDB told of.
-- Parameters: :before timestamptz, :most integer.
SELECT external_id.id_value
FROM content
JOIN external_id ON external_id.content_id = content.id AND external_id.id_type = 'tmdb_tv'
CROSS JOIN LATERAL (
  SELECT max(part.observed_at) AS told_at FROM series_part AS part
  WHERE part.series_id = content.id AND part.source = 'tmdb'
) AS parts
WHERE content.content_type = 'series'
  AND content.deleted_at IS NULL
  AND content.merged_into IS NULL
  AND (parts.told_at IS NULL OR parts.told_at < CAST(:before AS timestamptz))
ORDER BY parts.told_at NULLS FIRST, content.popularity_score DESC, content.id, external_id.id_value
LIMIT CAST(:most AS integer)

-- Everything a title's page shows, as one JSON object; a merged title leads to the one it became.
-- Grain: one row, none where there is no such title. Cost: nine index look-ups.
-- Nothing above the ceiling or of a blocked genre is shown or named, parts of series neither.
-- Parameters: :id uuid; :region text or NULL; :season, :ceiling integer or NULL; :unrated integer;
-- :blocked text[]; :now timestamptz.
WITH RECURSIVE trail AS (
  SELECT id, merged_into, 1 AS step FROM content WHERE id = CAST(:id AS uuid)
  UNION ALL
  SELECT c.id, c.merged_into, trail.step + 1 FROM content c
  JOIN trail ON c.id = trail.merged_into WHERE trail.step < 10
)
SELECT CAST(json_build_object(
  'id', c.id,
  'title', c.title,
  'original_title', c.original_title,
  'titles', (SELECT json_object_agg(t.locale, t.title) FROM content_title t
             WHERE t.content_id = c.id AND t.locale NOT IN ('main', 'original')),
  'overview', c.overview,
  'content_type', c.content_type,
  'release_year', c.release_year,
  'release_date', c.release_date,
  'runtime_minutes', c.runtime_minutes,
  'countries', c.countries,
  'genres', (SELECT json_agg(g.value ORDER BY g.ord) FROM content_genre g WHERE g.content_id = c.id),
  'themes', (SELECT json_agg(t.value ORDER BY t.ord) FROM content_theme t WHERE t.content_id = c.id),
  'credits', (SELECT json_agg(json_build_object('name', p.person_name, 'role', p.role,
              'character', p.character) ORDER BY p.ord) FROM credit p WHERE p.content_id = c.id),
  'images', (SELECT json_agg(json_build_object('kind', i.kind, 'width', i.width, 'url', i.url)
             ORDER BY i.kind, i.width) FROM image i WHERE i.content_id = c.id),
  'external_ids', (SELECT json_object_agg(e.id_type, e.id_value) FROM external_id e
                   WHERE e.content_id = c.id AND e.confidence >= .95),
  'series', CASE WHEN c.content_type = 'series' THEN json_build_object('seasons', c.series_seasons,
            'episodes', c.series_episodes, 'status', c.series_status) END,
  'part_of', /* title_part_of */,
  'seasons', CASE WHEN c.content_type = 'series' THEN /* title_seasons */ END,
  'episodes', CASE WHEN CAST(:season AS integer) IS NOT NULL THEN /* title_episodes */ END,
  'maturity_rank', c.maturity_rank,
  'average_rating', c.average_rating,
  'vote_count', c.vote_count,
  'popularity_score', c.popularity_score,
  'quality_score', c.quality_score,
  'is_original', c.is_original,
  'sample', c.sample,
  'updated_at', c.updated_at,
  'platforms', (SELECT json_agg(DISTINCT a.platform) FROM availability a
                WHERE a.content_id = c.id AND a.ended_at IS NULL AND a.hidden_at IS NULL
                  AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
                  AND (CAST(:region AS text) IS NULL OR a.region = CAST(:region AS text)))
) AS text) AS found
FROM trail
JOIN content c ON c.id = trail.id
WHERE trail.merged_into IS NULL AND c.deleted_at IS NULL
  AND (CAST(:ceiling AS integer) IS NULL OR coalesce(c.maturity_rank, CAST(:unrated AS integer)) <= CAST(:ceiling AS integer))
  AND NOT EXISTS (SELECT FROM content_genre g WHERE g.content_id = c.id AND g.value = ANY (CAST(:blocked AS text[])))

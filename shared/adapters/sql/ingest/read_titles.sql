-- Whole records of titles; one that became part of another has none of its own.
-- Grain: one JSON array with one object per title.
-- Parameters: :ids json array of content ids.
SELECT CAST(coalesce(json_agg(json_build_object(
  'id', content.id,
  'hash', encode(content.content_hash, 'hex'),
  'content_type', content.content_type,
  'title', content.title,
  'original_title', content.original_title,
  'overview', content.overview,
  'release_year', content.release_year,
  'release_date', content.release_date,
  'runtime_minutes', content.runtime_minutes,
  'average_rating', content.average_rating,
  'vote_count', content.vote_count,
  'popularity_score', content.popularity_score,
  'series_seasons', content.series_seasons,
  'series_episodes', content.series_episodes,
  'series_status', content.series_status,
  'countries', content.countries,
  'is_original', content.is_original,
  'sample', content.sample,
  'titles', (
    SELECT json_object_agg(locale, title) FROM content_title
    WHERE content_id = content.id AND locale NOT IN ('main', 'original')
  ),
  'genres', (SELECT json_agg(value ORDER BY ord) FROM content_genre WHERE content_id = content.id),
  'themes', (SELECT json_agg(value ORDER BY ord) FROM content_theme WHERE content_id = content.id),
  'moods', (SELECT json_agg(value ORDER BY ord) FROM content_mood WHERE content_id = content.id),
  'people', (
    SELECT json_agg(json_build_array(person_name, role, character) ORDER BY ord) FROM credit
    WHERE content_id = content.id
  ),
  'images', (
    SELECT json_agg(json_build_array(kind, width, url)) FROM image WHERE content_id = content.id
  ),
  'ratings', (
    SELECT json_agg(json_build_array(region, system, value)) FROM content_rating
    WHERE content_id = content.id
  ),
  'owners', (
    SELECT json_object_agg(source, fields) FROM field_source WHERE content_id = content.id
  )
)), '[]') AS text)
FROM content
WHERE content.id = ANY (
  ARRAY(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))
)
  AND content.merged_into IS NULL

-- What of living titles can be compared with an item.
-- Grain: one JSON array with one object per title, a third of what read_titles.sql says of it.
-- Parameters: :ids json array of content ids.
SELECT CAST(coalesce(json_agg(json_build_object(
  'id', content.id,
  'hash', encode(content.content_hash, 'hex'),
  'content_type', content.content_type,
  'title', content.title,
  'original_title', content.original_title,
  'overview', content.overview,
  'release_year', content.release_year,
  'runtime_minutes', content.runtime_minutes,
  'countries', content.countries,
  'titles', (
    SELECT json_object_agg(locale, title) FROM content_title
    WHERE content_id = content.id AND locale NOT IN ('main', 'original')
  ),
  'genres', (SELECT json_agg(value ORDER BY ord) FROM content_genre WHERE content_id = content.id),
  'people', (
    SELECT json_agg(json_build_array(person_name, role, character) ORDER BY ord) FROM credit
    WHERE content_id = content.id AND ord < 5
  )
)), '[]') AS text)
FROM content
WHERE content.id = ANY (
  ARRAY(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))
)
  AND content.merged_into IS NULL
  AND content.deleted_at IS NULL

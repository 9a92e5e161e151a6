-- What of living titles can be compared with an item.
-- Grain: one JSON array with one object per title, a third of what read_titles.sql says of it.
-- Parameters: :ids json array of content ids.
SELECT CAST(coalesce(json_agg(json_build_object(
  'id', content.id,
  'hash', encode(content.content_hash, 'hex'),
  'content_type', content.content_type,
  'outline', (SELECT outline FROM title_outline WHERE content_id = content.id),
  'original_title', content.original_title,
  'release_year', content.release_year,
  'runtime_minutes', content.runtime_minutes,
  'countries', content.countries,
  'genres', (SELECT json_agg(value) FROM content_genre WHERE content_id = content.id),
  'people', (
    SELECT json_agg(person_name ORDER BY ord) FROM credit
    WHERE content_id = content.id AND ord < 5
  )
)), '[]') AS text)
FROM content
WHERE content.id = ANY (
  ARRAY(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))
)
  AND content.merged_into IS NULL
  AND content.deleted_at IS NULL

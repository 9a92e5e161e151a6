-- Titles that exist and pass every hard filter, with what ranking needs, as one JSON array: the driver
-- pays per field.
-- Grain: one element per title. Cost: two index look-ups per id.
-- Parameters: :ids JSON array of uuid; those of search_filters.sql.
WITH asked AS (
  SELECT CAST(value AS uuid) AS id
  FROM jsonb_array_elements_text(CAST(:ids AS jsonb))
)
SELECT CAST(coalesce(json_agg(found), '[]') AS text) AS found
FROM (
  SELECT
    c.id,
    c.title,
    c.release_year,
    c.popularity_score AS popularity,
    coalesce(c.quality_score, 0) AS quality,
    c.average_rating,
    -- Repeated where several platforms offer alike: sorting them out costs more than sending them.
    (SELECT json_agg(a.offer_type)
     FROM availability a
     WHERE a.content_id = c.id
      AND a.ended_at IS NULL
      AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
      AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
      AND (CAST(:region AS text) IS NULL OR a.region = CAST(:region AS text))) AS offer_types
  FROM asked
  JOIN content c ON c.id = asked.id
  WHERE /* search_filters */
) AS found

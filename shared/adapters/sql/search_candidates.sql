-- Titles that exist and pass every hard filter, with what ranking needs, as one JSON array: the driver
-- pays per field.
-- Grain: one element per title. Cost: two index look-ups per id; offers are read for all at once.
-- Parameters: :ids uuid[]; those of search_filters.sql.
WITH offers AS (
  -- Repeated where several platforms offer alike: sorting them out costs more than sending them.
  SELECT a.content_id, string_agg(a.offer_type, ',') AS types
  FROM availability a
  WHERE a.content_id = ANY (CAST(:ids AS uuid[]))
    AND /* search_live */
  GROUP BY a.content_id
)
SELECT CAST(coalesce(json_agg(json_build_object(
  'id', c.id,
  'title', c.title,
  'release_year', c.release_year,
  'popularity', c.popularity_score,
  'prior', /* search_prior */,
  'quality', coalesce(c.quality_score, 0),
  'average_rating', c.average_rating,
  'offer_types', offers.types
)), '[]') AS text) AS found
FROM content c
LEFT JOIN offers ON offers.content_id = c.id
WHERE c.id = ANY (CAST(:ids AS uuid[])) AND /* search_filters */

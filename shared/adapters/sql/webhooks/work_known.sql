-- What is known of a listing: in which regions it was seen, and under which ids a provider may know its title.
-- Grain: one row. Parameters: :platform, :listing text.
SELECT
  EXISTS (
    SELECT 1 FROM platform_listing WHERE platform = :platform AND platform_content_id = :listing
  ) AS listed,
  ARRAY(
    SELECT DISTINCT region FROM listing_region
    WHERE platform = :platform AND platform_content_id = :listing
    ORDER BY region
  ) AS regions,
  CAST(coalesce((
    SELECT json_object_agg(found.id_type, found.id_value)
    FROM external_id AS found
    JOIN platform_listing AS listed ON listed.content_id = found.content_id
    WHERE listed.platform = :platform
      AND listed.platform_content_id = :listing
      AND found.confidence >= .95
      AND found.id_type IN ('sa', 'imdb', 'tmdb_movie', 'tmdb_tv')
  ), '{}') AS text) AS ids

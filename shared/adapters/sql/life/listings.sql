-- Listings of a title, each with the sources that tell of it, and the minutes that these say it takes.
-- Grain: one row per listing. Parameters: :id uuid.
SELECT
  listing.platform,
  listing.platform_content_id,
  CAST((
    SELECT coalesce(json_agg(DISTINCT said.source), '[]') FROM listing_region AS said
    WHERE said.platform = listing.platform AND said.platform_content_id = listing.platform_content_id
  ) AS text) AS sources,
  CAST((
    SELECT coalesce(json_object_agg(said.source, said.runtime_minutes), '{}') FROM listing_region AS said
    WHERE said.platform = listing.platform
      AND said.platform_content_id = listing.platform_content_id
      AND said.runtime_minutes IS NOT NULL
  ) AS text) AS runtimes
FROM platform_listing AS listing
WHERE listing.content_id = CAST(:id AS uuid)
ORDER BY listing.platform, listing.platform_content_id

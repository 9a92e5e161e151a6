-- Live offers that a provider says it brings to a platform in a region and a full run did not see, each with who else says
-- that it plays (shared/catalog/receipts.py): offers of seasons and episodes, or of all else. That source speaks for it from now, and where there is none it ends.
-- Grain: one row per offer.
SELECT
  offer.id,
  offer.sources -> CAST(:provider AS text) ->> 2 AS listing,
  heir.name AS heir,
  heir.listing AS heir_listing
FROM availability AS offer
LEFT JOIN LATERAL (
  SELECT said.key AS name, said.value ->> 2 AS listing
  FROM jsonb_each(offer.sources) AS said
  WHERE said.key <> CAST(:provider AS text)
    AND jsonb_array_length(said.value) = 3
    AND CAST(said.value ->> 1 AS bigint) >= CAST(:said_since AS bigint)
  ORDER BY said.key = offer.source DESC, CAST(said.value ->> 1 AS bigint) DESC, said.key DESC
  LIMIT 1
) AS heir ON true
JOIN content ON content.id = offer.content_id
WHERE offer.platform = :platform
  AND offer.region = :region
  AND offer.ended_at IS NULL
  AND (content.content_type IN ('season', 'episode')) = CAST(:parts AS boolean)
  AND jsonb_array_length(offer.sources -> CAST(:provider AS text)) = 3
  AND NOT EXISTS (
    SELECT 1 FROM listing_region AS said
    WHERE said.platform = offer.platform
      AND said.platform_content_id = offer.sources -> CAST(:provider AS text) ->> 2
      AND said.region = offer.region
      AND said.source = CAST(:provider AS text)
      AND said.observed_at >= CAST(:since AS timestamptz)
  )

-- Give the offers of some listings to the title that was parted.
-- Grain: one row per offer. Parameters: :kept :parted uuid; :listings json array of {platform, listing}.
UPDATE availability AS offer SET content_id = CAST(:parted AS uuid)
FROM jsonb_to_recordset(CAST(:listings AS jsonb)) AS given (platform text, listing text)
WHERE offer.content_id = CAST(:kept AS uuid)
  AND offer.platform = given.platform
  AND offer.platform_content_id = given.listing
  AND NOT EXISTS (
    SELECT 1 FROM availability AS own
    WHERE own.content_id = CAST(:parted AS uuid)
      AND own.platform = offer.platform
      AND own.region = offer.region
      AND own.offer_type = offer.offer_type
      AND own.tier IS NOT DISTINCT FROM offer.tier
      AND own.quality IS NOT DISTINCT FROM offer.quality
  )

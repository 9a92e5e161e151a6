-- What is known of a page's listings. Lateral with OFFSET 0: each row probes the index, whatever the
-- planner believes about tables it has no statistics of.
-- Grain: one JSON array of [platform, listing, content_id, confidence, item_hash, offers_hash, observed_at].
-- Parameters: :rows json array of {platform, listing, region, source}.
SELECT CAST(coalesce(json_agg(json_build_array(
  listing.platform, listing.platform_content_id, listing.content_id, listing.confidence,
  given.region, given.source,
  encode(region.item_hash, 'hex'), encode(region.offers_hash, 'hex'), region.observed_at
)), '[]') AS text)
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS given (platform text, listing text, region text, source text)
CROSS JOIN LATERAL (
  SELECT * FROM platform_listing
  WHERE platform = given.platform AND platform_content_id = given.listing
  OFFSET 0
) AS listing
LEFT JOIN LATERAL (
  SELECT * FROM listing_region
  WHERE platform = given.platform
    AND platform_content_id = given.listing
    AND region = given.region
    AND source = given.source
  OFFSET 0
) AS region ON true

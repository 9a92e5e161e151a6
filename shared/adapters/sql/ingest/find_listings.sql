-- What is known of a page's listings.
-- Grain: one JSON array of [platform, listing, content_id, confidence, item_hash, offers_hash, observed_at].
-- Parameters: :rows json array of {platform, listing, region, source}.
SELECT CAST(coalesce(json_agg(json_build_array(
  listing.platform, listing.platform_content_id, listing.content_id, listing.confidence,
  given.region, given.source,
  encode(region.item_hash, 'hex'), encode(region.offers_hash, 'hex'), region.observed_at
)), '[]') AS text)
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS given (platform text, listing text, region text, source text)
JOIN platform_listing AS listing
  ON listing.platform = given.platform AND listing.platform_content_id = given.listing
LEFT JOIN listing_region AS region
  ON region.platform = given.platform
  AND region.platform_content_id = given.listing
  AND region.region = given.region
  AND region.source = given.source

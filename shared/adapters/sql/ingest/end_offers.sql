-- End offers that are no longer brought, and make the title's other listings there speak again:
-- two listings of one title share an offer's row, which just ended with the last that brought it.
-- Parameters: :rows json array of {content_id, platform, region, type, tier, quality, listing,
-- observed_at}.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    content_id uuid, platform text, region text, type text, tier text, quality text,
    listing text, observed_at timestamptz
  )
),
ended AS (
  UPDATE availability SET ended_at = given.observed_at
  FROM given
  WHERE availability.content_id = given.content_id
    AND availability.platform = given.platform
    AND availability.region = given.region
    AND availability.offer_type = given.type
    AND availability.tier IS NOT DISTINCT FROM given.tier
    AND availability.quality IS NOT DISTINCT FROM given.quality
    AND availability.ended_at IS NULL
),
siblings AS (
  UPDATE listing_region SET offers_hash = ''
  FROM given
  JOIN platform_listing AS listing
    ON listing.content_id = given.content_id
    AND listing.platform = given.platform
    AND listing.platform_content_id <> given.listing
  WHERE listing_region.platform = listing.platform
    AND listing_region.platform_content_id = listing.platform_content_id
    AND listing_region.region = given.region
)
SELECT count(*) FROM given

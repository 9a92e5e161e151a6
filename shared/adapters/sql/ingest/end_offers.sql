-- End offers that are no longer brought, and make whoever else spoke of the title there speak again:
-- two listings, or sources, of one title share an offer's row, which just ended with the last of them.
-- Rows are found by index first (lateral), then updated where they lie.
-- Parameters: :rows json array of {content_id, platform, region, type, tier, quality, listing,
-- source, observed_at}.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    content_id uuid, platform text, region text, type text, tier text, quality text,
    listing text, source text, observed_at timestamptz
  )
),
ending AS MATERIALIZED (
  SELECT found.id
  FROM given
  CROSS JOIN LATERAL (
    SELECT id FROM availability
    WHERE content_id = given.content_id
      AND platform = given.platform
      AND region = given.region
      AND offer_type = given.type
      AND tier IS NOT DISTINCT FROM given.tier
      AND quality IS NOT DISTINCT FROM given.quality
      AND ended_at IS NULL
    OFFSET 0
  ) AS found
),
ended AS (
  UPDATE availability SET ended_at = (SELECT max(observed_at) FROM given)
  WHERE id = ANY (ARRAY(SELECT id FROM ending))
),
siblings AS MATERIALIZED (
  SELECT spoken.place
  FROM given
  CROSS JOIN LATERAL (
    SELECT platform_content_id FROM platform_listing
    WHERE content_id = given.content_id
      AND platform = given.platform
    OFFSET 0
  ) AS found
  CROSS JOIN LATERAL (
    SELECT ctid AS place FROM listing_region
    WHERE platform = given.platform
      AND platform_content_id = found.platform_content_id
      AND region = given.region
      AND (platform_content_id, source) <> (given.listing, given.source)
    OFFSET 0
  ) AS spoken
),
asked_again AS (
  UPDATE listing_region SET offers_hash = ''
  WHERE ctid = ANY (ARRAY(SELECT place FROM siblings))
)
SELECT count(*) FROM ending

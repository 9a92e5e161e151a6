-- End offers that a full run did not see, or let the other source that brings one speak for it. The provider has taken
-- back its word; what it says of them next counts as new.
-- Grain: one row per offer that ended.
-- Parameters: those of unseen.sql; :now timestamptz; :seen the same in Unix seconds.
WITH missing AS MATERIALIZED (
  /* unseen_offers */
),
asked_again AS (
  UPDATE listing_region SET offers_hash = ''
  WHERE platform = :platform
    AND region = :region
    AND source = CAST(:provider AS text)
    AND platform_content_id = ANY (ARRAY(SELECT listing FROM missing))
),
changed AS (
  UPDATE availability AS offer SET
    sources = jsonb_insert(
      offer.sources, ARRAY[CAST(:provider AS text), '2'], to_jsonb(CAST(:seen AS bigint)), true
    ),
    source = coalesce(missing.heir, offer.source),
    platform_content_id = coalesce(missing.heir_listing, offer.platform_content_id),
    ended_at = CASE WHEN missing.heir IS NULL THEN CAST(:now AS timestamptz) END
  FROM missing
  WHERE offer.id = missing.id
  RETURNING offer.*
)
SELECT
  content_id, platform, region, offer_type, tier, quality, platform_content_id, price_minor,
  currency, expires_at, hidden_at
FROM changed
WHERE ended_at IS NOT NULL
ORDER BY content_id, offer_type, tier, quality

-- End offers that a full run did not see. What the source says of them next counts as new.
-- Grain: one row per offer that ended.
-- Parameters: :provider :platform :region text; :since :now timestamptz.
WITH unseen AS MATERIALIZED (
  SELECT id, platform_content_id FROM availability AS offer
  WHERE offer.platform = :platform
    AND offer.region = :region
    AND offer.source = :provider
    AND offer.ended_at IS NULL
    AND NOT EXISTS (
      SELECT 1 FROM listing_region AS said
      WHERE said.platform = offer.platform
        AND said.platform_content_id = offer.platform_content_id
        AND said.region = offer.region
        AND said.source = offer.source
        AND said.observed_at >= CAST(:since AS timestamptz)
    )
  ORDER BY id
  FOR UPDATE
),
asked_again AS (
  UPDATE listing_region SET offers_hash = ''
  WHERE platform = :platform
    AND region = :region
    AND source = :provider
    AND platform_content_id = ANY (ARRAY(SELECT platform_content_id FROM unseen))
)
UPDATE availability SET ended_at = CAST(:now AS timestamptz)
WHERE id = ANY (ARRAY(SELECT id FROM unseen))
RETURNING
  content_id, platform, region, offer_type, tier, quality, platform_content_id, price_minor,
  currency, expires_at

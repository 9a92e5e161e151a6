-- How many live offers a provider brought to a platform in a region, and how many of them a full run did not see.
-- Grain: one row. Parameters: :provider :platform :region text; :since timestamptz.
SELECT
  count(*) AS live,
  count(*) FILTER (WHERE NOT EXISTS (
    SELECT 1 FROM listing_region AS said
    WHERE said.platform = offer.platform
      AND said.platform_content_id = offer.platform_content_id
      AND said.region = offer.region
      AND said.source = offer.source
      AND said.observed_at >= CAST(:since AS timestamptz)
  )) AS unseen
FROM availability AS offer
WHERE offer.platform = :platform
  AND offer.region = :region
  AND offer.source = :provider
  AND offer.ended_at IS NULL

-- Titles whose last offer of a type on a platform in a region ends between :now and :until. An offer that another
-- one of its type outlasts (in another tier or quality) takes nothing away.
-- Grain: one row per (content_id, platform, region, offer_type). Reads the partial index availability_expiring.
SELECT
  content.id AS content_id,
  content.title,
  ending.platform,
  ending.region,
  ending.offer_type,
  ending.expires_at
FROM (
  SELECT content_id, platform, region, offer_type, max(expires_at) AS expires_at
  FROM availability AS offer
  WHERE ended_at IS NULL
    AND hidden_at IS NULL
    AND expires_at > CAST(:now AS timestamptz)
    AND expires_at <= CAST(:until AS timestamptz)
    AND (available_from IS NULL OR available_from <= CAST(:now AS timestamptz))
    AND NOT EXISTS (
      SELECT 1 FROM availability AS lasting
      WHERE lasting.content_id = offer.content_id
        AND lasting.platform = offer.platform
        AND lasting.region = offer.region
        AND lasting.offer_type = offer.offer_type
        AND lasting.ended_at IS NULL
        AND lasting.hidden_at IS NULL
        AND (lasting.expires_at IS NULL OR lasting.expires_at > CAST(:until AS timestamptz))
    )
  GROUP BY content_id, platform, region, offer_type
) AS ending
JOIN content ON content.id = ending.content_id
WHERE content.deleted_at IS NULL AND content.merged_into IS NULL

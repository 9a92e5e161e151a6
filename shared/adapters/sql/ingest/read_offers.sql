-- Kept offers, live or ended, of titles on a platform in a region.
-- Grain: one JSON array with one object per offer.
-- Parameters: :rows json array of {content_id, platform, region}.
SELECT CAST(coalesce(json_agg(json_build_object(
  'content_id', kept.content_id,
  'platform', kept.platform,
  'region', kept.region,
  'type', kept.offer_type,
  'tier', kept.tier,
  'quality', kept.quality,
  'listing', kept.platform_content_id,
  'source', kept.source,
  'price_minor', kept.price_minor,
  'currency', kept.currency,
  'link', kept.link,
  'video_link', kept.video_link,
  'available_from', kept.available_from,
  'expires_at', kept.expires_at,
  'live', kept.ended_at IS NULL,
  'sources', kept.sources
)), '[]') AS text)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (content_id uuid, platform text, region text)
CROSS JOIN LATERAL (
  SELECT * FROM availability
  WHERE content_id = given.content_id AND platform = given.platform AND region = given.region
  OFFSET 0
) AS kept

-- Note that a source took offers back; where another still brings one, that one speaks for it now.
-- Rows are found by index first (lateral), then updated where they lie.
-- Parameters: :rows json array of {content_id, platform, region, type, tier, quality, source, seen,
-- heir, heir_listing}; the last two null where nobody else brings it.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    content_id uuid, platform text, region text, type text, tier text, quality text, source text,
    seen bigint, heir text, heir_listing text
  )
),
withdrawn AS MATERIALIZED (
  SELECT
    found.id,
    jsonb_object_agg(given.source, jsonb_build_array(
      found.sources -> given.source -> 0,
      found.sources -> given.source -> 1,
      found.sources -> given.source -> 2,
      given.seen
    )) AS said,
    max(given.heir) AS heir,
    max(given.heir_listing) AS heir_listing
  FROM given
  CROSS JOIN LATERAL (
    SELECT id, sources FROM availability
    WHERE content_id = given.content_id
      AND platform = given.platform
      AND region = given.region
      AND offer_type = given.type
      AND tier IS NOT DISTINCT FROM given.tier
      AND quality IS NOT DISTINCT FROM given.quality
    OFFSET 0
  ) AS found
  GROUP BY found.id
)
UPDATE availability AS kept SET
  sources = kept.sources || withdrawn.said,
  source = coalesce(withdrawn.heir, kept.source),
  platform_content_id = coalesce(withdrawn.heir_listing, kept.platform_content_id)
FROM withdrawn
WHERE kept.id = withdrawn.id

-- End offers whose time is over, and make the title's other listings there speak again: two listings of one title
-- share an offer's row.
-- Grain: one row per offer that ended, at most :limit, those that ended first.
-- Parameters: :now timestamptz; :limit integer.
WITH over AS MATERIALIZED (
  SELECT id FROM availability
  WHERE ended_at IS NULL AND expires_at <= CAST(:now AS timestamptz)
  ORDER BY expires_at, id
  LIMIT CAST(:limit AS integer)
  FOR UPDATE SKIP LOCKED
),
ended AS (
  UPDATE availability SET ended_at = expires_at
  WHERE id = ANY (ARRAY(SELECT id FROM over))
  RETURNING
    content_id, platform, region, offer_type, tier, quality, platform_content_id, price_minor,
    currency, expires_at, hidden_at
),
asked_again AS (
  UPDATE listing_region AS said SET offers_hash = ''
  FROM ended
  JOIN platform_listing AS sibling
    ON sibling.content_id = ended.content_id
    AND sibling.platform = ended.platform
    AND sibling.platform_content_id <> ended.platform_content_id
  WHERE said.platform = sibling.platform
    AND said.platform_content_id = sibling.platform_content_id
    AND said.region = ended.region
)
SELECT * FROM ended
-- What was hidden was gone for viewers before.
WHERE hidden_at IS NULL
ORDER BY platform, region, content_id, offer_type, tier, quality

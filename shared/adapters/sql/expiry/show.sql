-- Show hidden offers again that have been seen since; of those that ended, forget that they were hidden.
-- Grain: one row per living offer, at most :limit. Reads the partial index availability_hidden.
-- Parameters: :before timestamptz; :limit integer.
WITH seen AS MATERIALIZED (
  SELECT id FROM availability
  WHERE hidden_at IS NOT NULL
    AND (ended_at IS NOT NULL OR last_seen >= CAST(:before AS timestamptz))
  LIMIT CAST(:limit AS integer)
  FOR UPDATE SKIP LOCKED
),
shown AS (
  UPDATE availability SET hidden_at = NULL
  WHERE id = ANY (ARRAY(SELECT id FROM seen))
  RETURNING *
)
SELECT
  content_id, platform, region, offer_type, tier, quality, platform_content_id, price_minor,
  currency, expires_at
FROM shown
WHERE ended_at IS NULL

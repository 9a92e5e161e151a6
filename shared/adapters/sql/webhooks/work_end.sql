-- End what a listing offers in regions, but for what was seen there later than the notice was made. Every source
-- must speak again of the listing, and of others of the title there: they may share the offer's row. What a source saw
-- before the notice no longer counts.
-- Grain: one row per offer that ended.
-- Parameters: :platform, :listing text; :regions json array, null for all; :said_at timestamptz.
WITH ended AS (
  UPDATE availability SET ended_at = :said_at
  WHERE platform = :platform
    AND platform_content_id = :listing
    AND ended_at IS NULL
    AND last_seen <= CAST(:said_at AS timestamptz)
    AND (
      CAST(:regions AS jsonb) IS NULL
      OR region IN (SELECT jsonb_array_elements_text(CAST(:regions AS jsonb)))
    )
  RETURNING content_id, region, offer_type, tier, quality, price_minor, currency, expires_at
),
silenced AS (
  UPDATE listing_region AS spoken
  SET
    offers_hash = '',
    observed_at = CASE
      WHEN spoken.platform_content_id = :listing
        THEN greatest(spoken.observed_at, CAST(:said_at AS timestamptz))
      ELSE spoken.observed_at
    END
  WHERE spoken.platform = :platform
    AND spoken.region IN (SELECT region FROM ended)
    AND (
      spoken.platform_content_id = :listing
      OR spoken.platform_content_id IN (
        SELECT listed.platform_content_id FROM platform_listing AS listed
        WHERE listed.platform = :platform
          AND listed.content_id IN (SELECT content_id FROM ended)
      )
    )
)
SELECT * FROM ended ORDER BY region, content_id, offer_type

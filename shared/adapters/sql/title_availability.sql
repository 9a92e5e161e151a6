-- Live offers of a title in one region, as one JSON array, cheapest terms first.
-- Each carries what its sources say and how fast such offers end; lags says how late sources are.
-- Grain: one element per offer. Cost: one index look-up, and two small tables.
-- Parameters: :id uuid; :region text; :platform text or NULL; :now.
SELECT
  CAST(coalesce(json_agg(found), '[]') AS text) AS found,
  (SELECT CAST(coalesce(json_object_agg(source, lag_days), '{}') AS text) FROM source_lag) AS lags
FROM (
  SELECT
    a.platform,
    a.offer_type AS type,
    a.tier,
    a.quality,
    a.price_minor,
    a.currency,
    a.link,
    a.video_link,
    a.audio,
    a.subtitles,
    a.available_from,
    a.expires_at,
    a.first_seen,
    a.last_seen,
    a.sources,
    churn.shape,
    churn.rate_days
  FROM availability a
  LEFT JOIN offer_churn churn ON churn.platform = a.platform AND churn.region = a.region
  WHERE a.content_id = CAST(:id AS uuid)
    AND a.region = :region
    AND (CAST(:platform AS text) IS NULL OR a.platform = CAST(:platform AS text))
    AND a.ended_at IS NULL
    AND a.hidden_at IS NULL
    AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
    AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
  ORDER BY
    array_position(ARRAY['free', 'ads', 'subscription', 'addon', 'rental', 'purchase'], a.offer_type),
    a.price_minor NULLS FIRST, a.platform, a.tier, a.quality
) AS found

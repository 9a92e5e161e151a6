-- How long after the first to do so sources took back what ended, by the median.
-- Grain: one JSON array of [source, taken_back, median_days]. Reads availability whole.
WITH said AS (
  SELECT
    claim.key AS source,
    CAST(claim.value ->> 3 AS bigint) AS taken_back,
    min(CAST(claim.value ->> 3 AS bigint)) OVER (PARTITION BY offer.id) AS first_back,
    count(*) OVER (PARTITION BY offer.id) AS sources
  FROM availability AS offer
  CROSS JOIN LATERAL jsonb_each(offer.sources) AS claim
  WHERE offer.ended_at IS NOT NULL AND jsonb_array_length(claim.value) = 4
)
SELECT CAST(coalesce(json_agg(json_build_array(source, taken_back, median_days)), '[]') AS text)
FROM (
  SELECT
    source,
    count(*) AS taken_back,
    percentile_cont(.5) WITHIN GROUP (ORDER BY taken_back - first_back) / 86400.0 AS median_days
  FROM said
  WHERE sources > 1
  GROUP BY source
) AS counted

-- How many offers ended, in how many days in which offers were seen.
-- Offers whose end was announced are left out: they end by their date, not by chance.
-- Grain: one JSON array of [platform, region, ended, offer_days]. Reads availability whole.
SELECT CAST(coalesce(json_agg(json_build_array(platform, region, ended, offer_days)), '[]') AS text)
FROM (
  SELECT
    platform,
    region,
    sum(lapses + CAST(ended_at IS NOT NULL AS integer)) AS ended,
    sum(extract(epoch FROM greatest(coalesce(ended_at, last_seen) - first_seen, interval '0'))) / 86400
      AS offer_days
  FROM availability
  WHERE expires_at IS NULL
  GROUP BY platform, region
) AS counted

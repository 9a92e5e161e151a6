-- How many offers ended, in how many days in which offers were seen.
-- Offers whose end was announced are left out: they end by their date, not by chance. So are those
-- that a merged title left behind.
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
  JOIN content ON content.id = availability.content_id
  WHERE availability.expires_at IS NULL AND content.merged_into IS NULL
  GROUP BY platform, region
) AS counted

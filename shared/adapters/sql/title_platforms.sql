-- Platforms that offer anything now, with titles per region.
-- Grain: one row per platform and region. Cost: one pass over the live offers.
-- Parameters: :now timestamptz.
SELECT a.platform AS id, a.region, count(DISTINCT a.content_id) AS titles
FROM availability a
WHERE a.ended_at IS NULL
  AND a.hidden_at IS NULL
  AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
GROUP BY a.platform, a.region
ORDER BY a.platform, a.region

-- Ask a person whether two titles at one place are one, by an entry of the younger.
-- Grain: one row at most. Parameters: :id :oldest :other uuid; :score real; :features json; :now timestamptz.
INSERT INTO review_item (
  id, reason, platform, platform_content_id, region, raw_uri, content_id, candidate_id, score, features, created_at
)
SELECT
  CAST(:id AS uuid),
  'same-place',
  entry.platform,
  entry.platform_content_id,
  said.region,
  coalesce(entry.url, ''),
  entry.content_id,
  CAST(:oldest AS uuid),
  CAST(:score AS real),
  CAST(:features AS jsonb),
  CAST(:now AS timestamptz)
FROM platform_listing AS entry
JOIN series_part AS part USING (platform, platform_content_id)
JOIN listing_region AS said USING (platform, platform_content_id)
WHERE entry.content_id = CAST(:other AS uuid)
ORDER BY entry.platform, entry.platform_content_id, said.region
LIMIT 1
ON CONFLICT (platform, platform_content_id, reason, candidate_id) DO NOTHING

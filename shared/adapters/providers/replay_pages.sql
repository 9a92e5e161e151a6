-- Pages of which something is set aside, with pointers to it; services without a platform of ours are none of it.
-- Grain: one row per raw page, at most 100, in the order of their names. Reads the set-aside records once.
-- Parameters: :run_id :provider text, empty for any; :after text, the last page before.
SELECT
  page.raw_uri,
  page.run_id,
  page.provider,
  page.platform,
  page.region,
  page.page,
  page.read,
  coalesce(array_agg(aside.raw_uri) FILTER (WHERE aside.stage = 'normalize'), '{}') AS unread,
  coalesce(array_agg(aside.raw_uri) FILTER (WHERE aside.stage = 'resolve'), '{}') AS refused
FROM ingest_error AS aside
JOIN ingest_page AS page ON page.raw_uri = split_part(aside.raw_uri, '#', 1)
WHERE (CAST(:run_id AS text) = '' OR aside.run_id = :run_id)
  AND (CAST(:provider AS text) = '' OR page.provider = :provider)
  AND aside.stage IN ('normalize', 'resolve')
  AND page.raw_uri > CAST(:after AS text)
GROUP BY page.raw_uri
ORDER BY page.raw_uri
LIMIT 100

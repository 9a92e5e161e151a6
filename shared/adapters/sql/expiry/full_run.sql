-- One part of a run, and what became of its pages.
-- Grain: one row, none where there is no such part.
-- Parameters: :run_id :provider :platform :region text.
SELECT
  part.kind,
  part.started_at,
  part.fetched_at,
  part.error,
  coalesce(sum(page.read), 0) AS read,
  coalesce(sum(page.resolved), 0) AS resolved,
  coalesce(sum(page.set_aside), 0) AS set_aside
FROM ingest_run AS part
LEFT JOIN ingest_page AS page
  ON page.run_id = part.run_id
  AND page.provider = part.provider
  AND page.platform = part.platform
  AND page.region = part.region
WHERE part.run_id = :run_id
  AND part.provider = :provider
  AND part.platform = :platform
  AND part.region = :region
GROUP BY part.kind, part.started_at, part.fetched_at, part.error

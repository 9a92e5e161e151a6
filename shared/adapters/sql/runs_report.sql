-- How far one run has come.
-- Grain: one row. Reads the run's parts and pages.
-- Parameters: :run_id text.
SELECT
  part.parts,
  part.parts_fetched,
  part.errors,
  page.pages,
  page.read,
  page.normalized,
  page.resolved,
  page.set_aside,
  page.read - page.resolved - page.set_aside AS pending
FROM (
  SELECT
    count(*) AS parts,
    count(fetched_at) AS parts_fetched,
    CAST(coalesce(
      jsonb_agg(platform || '-' || region || ': ' || error ORDER BY platform, region)
        FILTER (WHERE error IS NOT NULL),
      '[]'
    ) AS text) AS errors
  FROM ingest_run
  WHERE run_id = :run_id
) AS part
CROSS JOIN (
  SELECT
    count(*) AS pages,
    coalesce(sum(read), 0) AS read,
    coalesce(sum(normalized), 0) AS normalized,
    coalesce(sum(resolved), 0) AS resolved,
    coalesce(sum(set_aside), 0) AS set_aside
  FROM ingest_page
  WHERE run_id = :run_id
) AS page

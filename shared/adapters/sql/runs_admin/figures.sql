-- What became of one run. Not a statement: stands for each row of `chosen` in list_next.sql, list_before.sql and one.sql.
SELECT
  chosen.run_id,
  chosen.kind,
  chosen.started_at,
  chosen.fetched_at,
  chosen.providers,
  chosen.parts,
  chosen.parts_fetched,
  chosen.parts_failed,
  page.pages,
  page.read,
  page.normalized,
  page.stored,
  page.set_aside,
  greatest(page.read - page.stored - page.set_aside, 0) AS pending
FROM chosen
CROSS JOIN LATERAL (
  SELECT
    count(*) AS pages,
    CAST(coalesce(sum(read), 0) AS bigint) AS read,
    CAST(coalesce(sum(normalized), 0) AS bigint) AS normalized,
    CAST(coalesce(sum(resolved), 0) AS bigint) AS stored,
    CAST(coalesce(sum(set_aside), 0) AS bigint) AS set_aside
  FROM ingest_page
  WHERE ingest_page.run_id = chosen.run_id
) AS page

-- Counts per stage over everything there is.
-- Grain: one row. Counts whole tables; for operators, not for requests.
SELECT
  page.pages,
  page.read,
  page.normalized,
  page.resolved,
  page.set_aside,
  page.read - page.resolved - page.set_aside AS pending,
  (SELECT count(DISTINCT run_id) FROM ingest_run) AS runs,
  (SELECT count(*) FROM content WHERE deleted_at IS NULL AND merged_into IS NULL) AS titles,
  (SELECT count(*) FROM platform_listing) AS listings,
  (SELECT count(*) FROM availability WHERE ended_at IS NULL) AS offers,
  (SELECT count(*) FROM content_embedding) AS embedded,
  (SELECT count(*) FROM review_item WHERE status = 'pending') AS in_review,
  (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS events_waiting,
  (SELECT count(*) FROM rejected_event) AS events_rejected
FROM (
  SELECT
    count(*) AS pages,
    coalesce(sum(read), 0) AS read,
    coalesce(sum(normalized), 0) AS normalized,
    coalesce(sum(resolved), 0) AS resolved,
    coalesce(sum(set_aside), 0) AS set_aside
  FROM ingest_page
) AS page

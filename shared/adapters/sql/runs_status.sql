-- Counts per stage over everything there is, and the age of the oldest change of a title that is not embedded yet (no topic
-- keeps an event longer than seven days).
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
  (SELECT count(*) FROM rejected_event WHERE status = 'rejected') AS events_rejected,
  (SELECT count(*) FROM rejected_event WHERE status = 'dead') AS events_dead,
  (
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(told.created_at)), 0)
    FROM outbox AS told
    WHERE told.topic IN ('content.ingested', 'content.updated')
      AND told.created_at > clock_timestamp() - interval '7 days'
      AND NOT EXISTS (
        SELECT FROM processed_event AS done
        WHERE done.consumer = 'catalog-enrich' AND done.event_id = told.event_id
      )
      AND NOT EXISTS (
        SELECT FROM rejected_event AS refused
        WHERE refused.consumer = 'catalog-enrich'
          AND refused.status = 'rejected'
          AND refused.event_id = CAST(told.event_id AS text)
      )
  ) AS oldest_change_seconds
FROM (
  SELECT
    count(*) AS pages,
    coalesce(sum(read), 0) AS read,
    coalesce(sum(normalized), 0) AS normalized,
    coalesce(sum(resolved), 0) AS resolved,
    coalesce(sum(set_aside), 0) AS set_aside
  FROM ingest_page
) AS page

-- The most frequent texts of a period, of those that enough people used in the week of the search.
-- Grain: one row per text, the most frequent first.
-- Cost: the events of texts that are known, by query_hash.
-- Parameters: :since, :until timestamptz; :empty boolean, whether only searches that found nothing count; :limit.
SELECT
  known.query_norm AS query,
  count(*) AS searches,
  CAST(avg(CAST(EXISTS (
    SELECT FROM search_click AS click WHERE click.search_id = event.search_id
  ) AS integer)) AS double precision) AS ctr,
  CAST(avg(event.result_count) AS double precision) AS results,
  avg(event.latency_ms) AS latency
FROM search_text AS known
JOIN search_event AS event ON event.query_hash = known.query_hash AND event.week = known.week
WHERE event.occurred_at >= CAST(:since AS timestamptz) AND event.occurred_at < CAST(:until AS timestamptz)
  AND (event.result_count = 0 OR NOT CAST(:empty AS boolean))
GROUP BY known.query_norm
ORDER BY searches DESC, query
LIMIT :limit

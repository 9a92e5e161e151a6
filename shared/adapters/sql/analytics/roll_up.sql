-- Count searches of known texts by hour, day and week, in the place of what was counted before.
-- Grain: one row per (text, period). Cost: the searches of the weeks, three times sorted (as bytes, not as a language
-- sorts), and their clicks.
-- Parameters: :week date, the first Monday; its week and later ones are counted whole.
WITH clicks AS MATERIALIZED (
  SELECT search_id, count(*) AS number
  FROM search_click
  WHERE searched_at >= CAST(CAST(:week AS date) AS timestamp) AT TIME ZONE 'UTC'
  GROUP BY search_id
),
counted AS (
  SELECT
    known.query_norm COLLATE "C" AS query_norm,
    period.kind,
    date_trunc(period.kind, event.occurred_at, 'UTC') AS period_start,
    count(*) AS searches,
    count(DISTINCT event.principal_hash) AS principals,
    coalesce(sum(clicks.number), 0) AS clicks,
    count(clicks.number) AS clicked,
    avg(event.result_count) AS results,
    avg(event.latency_ms) AS latency
  FROM search_text AS known
  JOIN search_event AS event ON event.query_hash = known.query_hash AND event.week = known.week
  LEFT JOIN clicks ON clicks.search_id = event.search_id
  CROSS JOIN (VALUES ('hour'), ('day'), ('week')) AS period (kind)
  WHERE known.week >= CAST(:week AS date)
    AND event.occurred_at >= CAST(CAST(:week AS date) AS timestamp) AT TIME ZONE 'UTC'
  GROUP BY 1, 2, 3
)
INSERT INTO popular_search AS old (
  query_norm, period_type, period_start, search_count, principals, click_count, searches_with_click,
  avg_results, avg_latency_ms
)
SELECT query_norm, kind, period_start, searches, principals, clicks, clicked, results, latency
FROM counted
ON CONFLICT (query_norm, period_type, period_start) DO UPDATE SET
  search_count = excluded.search_count,
  principals = excluded.principals,
  click_count = excluded.click_count,
  searches_with_click = excluded.searches_with_click,
  avg_results = excluded.avg_results,
  avg_latency_ms = excluded.avg_latency_ms
WHERE old.* IS DISTINCT FROM excluded.*

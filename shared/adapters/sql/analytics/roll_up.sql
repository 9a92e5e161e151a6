-- Count searches of known texts by hour, day and week, in the place of what was counted before.
-- Grain: one row per (text, period). Cost: the events of texts that are known in the weeks.
-- Parameters: :week date, the first Monday; its week and later ones are counted whole.
INSERT INTO popular_search AS old (
  query_norm, period_type, period_start, search_count, principals, click_count, searches_with_click,
  avg_results, avg_latency_ms
)
SELECT
  known.query_norm,
  period.kind,
  date_trunc(period.kind, event.occurred_at, 'UTC'),
  count(*),
  count(DISTINCT event.principal_hash),
  sum(clicks.number),
  count(*) FILTER (WHERE clicks.number > 0),
  avg(event.result_count),
  avg(event.latency_ms)
FROM search_text AS known
JOIN search_event AS event ON event.query_hash = known.query_hash AND event.week = known.week
CROSS JOIN LATERAL (
  SELECT count(*) AS number FROM search_click AS click WHERE click.search_id = event.search_id
) AS clicks
CROSS JOIN (VALUES ('hour'), ('day'), ('week')) AS period (kind)
WHERE known.week >= CAST(:week AS date)
  AND event.occurred_at >= CAST(CAST(:week AS date) AS timestamp) AT TIME ZONE 'UTC'
GROUP BY 1, 2, 3
ON CONFLICT (query_norm, period_type, period_start) DO UPDATE SET
  search_count = excluded.search_count,
  principals = excluded.principals,
  click_count = excluded.click_count,
  searches_with_click = excluded.searches_with_click,
  avg_results = excluded.avg_results,
  avg_latency_ms = excluded.avg_latency_ms
WHERE old.* IS DISTINCT FROM excluded.*

-- What all searches of a period come to (spec/discovery §5.10).
-- Grain: one row; averages and shares are NULL where there is nothing to divide by.
-- Cost: one pass over the period's partitions, and its clicks; sorts the searches of people who are known.
-- Parameters: :since, :until timestamptz.
WITH opened AS (
  SELECT DISTINCT ON (search_id) search_id, position
  FROM search_click
  WHERE searched_at >= CAST(:since AS timestamptz) AND searched_at < CAST(:until AS timestamptz)
  ORDER BY search_id, clicked_at, position
),
searches AS (
  SELECT
    event.query_hash, event.principal_hash, event.occurred_at, event.latency_ms, event.cache_hit,
    event.result_count = 0 AS is_empty,
    cardinality(event.degraded) > 0 AS is_degraded,
    opened.position
  FROM search_event AS event
  LEFT JOIN opened ON opened.search_id = event.search_id
  WHERE event.occurred_at >= CAST(:since AS timestamptz) AND event.occurred_at < CAST(:until AS timestamptz)
),
following AS (
  SELECT
    position IS NULL
    AND lead(query_hash) OVER later <> query_hash
    AND lead(occurred_at) OVER later < occurred_at + interval '60 seconds' AS is_refined
  FROM searches
  WHERE principal_hash IS NOT NULL
  WINDOW later AS (PARTITION BY principal_hash ORDER BY occurred_at)
)
SELECT
  count(*) AS total,
  (SELECT count(*) FROM (SELECT DISTINCT query_hash FROM searches) AS texts) AS unique_queries,
  avg(latency_ms) AS avg_latency,
  percentile_cont(CAST('{0.5, 0.95, 0.99}' AS double precision[])) WITHIN GROUP (ORDER BY latency_ms) AS latencies,
  CAST(avg(CAST(is_empty AS integer)) AS double precision) AS zero_result_rate,
  CAST(avg(CAST(position IS NOT NULL AS integer)) AS double precision) AS ctr,
  avg(1 / CAST(position AS double precision)) AS reciprocal_rank,
  (SELECT CAST(avg(CAST(is_refined IS TRUE AS integer)) AS double precision) FROM following) AS refinement_rate,
  CAST(avg(CAST(is_degraded AS integer)) AS double precision) AS degraded_rate,
  CAST(avg(CAST(cache_hit AS integer)) AS double precision) AS cache_hit_rate
FROM searches

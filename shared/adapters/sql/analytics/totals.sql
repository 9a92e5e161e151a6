-- What all searches of a period come to (spec/discovery §5.10).
-- Grain: one row; averages and shares are NULL where there is nothing to divide by.
-- Cost: one pass over the period's partitions, and its clicks.
-- Parameters: :since, :until timestamptz.
WITH opened AS (
  SELECT DISTINCT ON (search_id) search_id, position
  FROM search_click
  WHERE searched_at >= CAST(:since AS timestamptz) AND searched_at < CAST(:until AS timestamptz)
  ORDER BY search_id, clicked_at, position
),
searches AS (
  SELECT
    event.*,
    opened.position,
    lead(event.query_hash) OVER following AS next_hash,
    lead(event.occurred_at) OVER following AS next_at
  FROM search_event AS event
  LEFT JOIN opened ON opened.search_id = event.search_id
  WHERE event.occurred_at >= CAST(:since AS timestamptz) AND event.occurred_at < CAST(:until AS timestamptz)
  WINDOW following AS (PARTITION BY event.principal_hash ORDER BY event.occurred_at, event.search_id)
)
SELECT
  count(*) AS total,
  count(DISTINCT query_hash) AS unique_queries,
  avg(latency_ms) AS avg_latency,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) AS p50,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) AS p95,
  percentile_cont(0.99) WITHIN GROUP (ORDER BY latency_ms) AS p99,
  CAST(avg(CAST(result_count = 0 AS integer)) AS double precision) AS zero_result_rate,
  CAST(avg(CAST(position IS NOT NULL AS integer)) AS double precision) AS ctr,
  avg(1 / CAST(position AS double precision)) AS reciprocal_rank,
  CAST(avg(CAST(
    position IS NULL AND next_hash IS NOT NULL AND next_hash <> query_hash
    AND next_at < occurred_at + interval '60 seconds' AS integer
  )) FILTER (WHERE principal_hash IS NOT NULL) AS double precision) AS refinement_rate,
  CAST(avg(CAST(cardinality(degraded) > 0 AS integer)) AS double precision) AS degraded_rate,
  CAST(avg(CAST(cache_hit AS integer)) AS double precision) AS cache_hit_rate
FROM searches

-- Keep a search once, and who used a text that is not known yet.
-- Grain: one row where the search was not there, telling whether its text is known. Cost: two look-ups in search_text.
-- Parameters: :search json object; a hash is written \x and hexadecimal.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_record(CAST(:search AS jsonb)) AS one (
    search_id uuid, occurred_at timestamptz, week date, query_hash bytea, principal_hash bytea, has_text boolean,
    result_count integer, latency_ms real, filters jsonb, cache_hit boolean, degraded text[],
    ranking_version integer, variant text
  )
),
asked AS (
  INSERT INTO search_asker (week, query_hash, principal_hash)
  SELECT week, query_hash, principal_hash
  FROM given
  WHERE has_text AND principal_hash IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM search_text known WHERE known.query_hash = given.query_hash AND known.week = given.week
    )
  ON CONFLICT DO NOTHING
)
INSERT INTO search_event AS kept (
  search_id, occurred_at, week, query_hash, principal_hash,
  result_count, latency_ms, filters, cache_hit, degraded, ranking_version, variant
)
SELECT
  search_id, occurred_at, week, query_hash, principal_hash,
  result_count, latency_ms, filters, cache_hit, degraded, ranking_version, variant
FROM given
ON CONFLICT DO NOTHING
RETURNING EXISTS (
  SELECT FROM search_text known WHERE known.query_hash = kept.query_hash AND known.week = kept.week
) AS is_known

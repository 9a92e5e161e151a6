-- When each feed that is followed was last read whole, by kind and place, whoever was asked.
-- Grain: one row per (kind, platform, region). Reads the runs of two weeks.
-- Parameters: :kinds text[] as text; :since timestamptz; :least bigint, how often a place was fetched since then.
SELECT kind, platform, region, max(fetched_at) AS fetched_at
FROM ingest_run
WHERE kind = ANY (CAST(:kinds AS text[]))
  AND started_at > :since
  AND fetched_at IS NOT NULL
  AND error IS NULL
GROUP BY kind, platform, region
HAVING count(*) >= CAST(:least AS bigint)

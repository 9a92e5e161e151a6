-- Whether enough people used a text by now, and nobody has written it down.
-- Grain: one row.
-- Parameters: :query_hash bytea, :week date, :enough integer.
SELECT
  NOT EXISTS (SELECT FROM search_text WHERE query_hash = :query_hash AND week = CAST(:week AS date))
  AND (
    SELECT count(*) FROM search_asker WHERE query_hash = :query_hash AND week = CAST(:week AS date)
  ) >= :enough AS is_ripe

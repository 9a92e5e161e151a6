-- Texts that found something, by how many people who are known used them lately; an hour's people count half of those
-- of :half hours later. Searches of nobody known count nothing here, so no number of them moves the list.
-- Grain: one row per text, the most first. Cost: a day of hourly rows.
-- Parameters: :now timestamptz; :half, hours; :limit.
SELECT query_norm AS query
FROM popular_search
WHERE period_type = 'hour'
  AND period_start > CAST(:now AS timestamptz) - interval '24 hours'
  AND avg_results > 0
GROUP BY query_norm
HAVING sum(principals) > 0
ORDER BY
  sum(principals * power(0.5, extract(epoch FROM CAST(:now AS timestamptz) - period_start) / 3600 / :half)) DESC,
  query_norm
LIMIT :limit

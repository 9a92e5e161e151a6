-- Which of some texts enough people used by now, and nobody has written down.
-- Grain: one row per (query_hash, week).
-- Parameters: :rows json array of week and query_hash; :enough integer.
SELECT asker.query_hash, asker.week
FROM (
  SELECT DISTINCT week, query_hash
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS one (week date, query_hash bytea)
) AS given
JOIN search_asker AS asker ON asker.week = given.week AND asker.query_hash = given.query_hash
WHERE NOT EXISTS (
  SELECT FROM search_text known WHERE known.query_hash = given.query_hash AND known.week = given.week
)
GROUP BY asker.query_hash, asker.week
HAVING count(*) >= :enough

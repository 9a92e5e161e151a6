-- Write down texts that enough people used, each once a week.
-- Grain: one row per (query_hash, week) that was not there.
-- Parameters: :rows json array of query_hash, week and query_norm; :now timestamptz.
INSERT INTO search_text (query_hash, week, query_norm, known_at)
SELECT DISTINCT ON (query_hash, week) query_hash, week, query_norm, CAST(:now AS timestamptz)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS one (query_hash bytea, week date, query_norm text)
ORDER BY query_hash, week
ON CONFLICT DO NOTHING

-- Write down a text that enough people used, once a week.
-- Grain: one row where it was not there.
-- Parameters: :query_hash bytea, :week date, :query_norm text, :now timestamptz.
INSERT INTO search_text (query_hash, week, query_norm, known_at)
VALUES (:query_hash, CAST(:week AS date), :query_norm, CAST(:now AS timestamptz))
ON CONFLICT DO NOTHING

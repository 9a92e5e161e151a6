-- Notes that titles were put into, or taken out of, what searches read.
-- Grain: one row per title, written in one order by everybody, so that no two wait for each other. A title's time only
-- grows, whatever the clocks of two writers say: a reader knows a later change by it.
-- Cost: two index entries per title. Parameters: :ids uuid[]; :now timestamptz.
INSERT INTO search_change (content_id, changed_at)
SELECT DISTINCT given.id, CAST(:now AS timestamptz)
FROM unnest(CAST(:ids AS uuid[])) AS given (id)
ORDER BY given.id
ON CONFLICT (content_id) DO UPDATE
SET changed_at = greatest(excluded.changed_at, search_change.changed_at + interval '1 microsecond')

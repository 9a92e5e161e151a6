-- Which of some titles may be suggested now, whatever a snapshot of yesterday says.
-- Grain: one row per title. Cost: as many reads by primary key as there are ids, at most 40.
-- Parameters: :ids uuid[]; those of allowed.sql.
SELECT c.id
FROM content c
WHERE c.id = ANY (CAST(:ids AS uuid[])) AND /* allowed */

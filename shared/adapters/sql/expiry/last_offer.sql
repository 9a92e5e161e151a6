-- The id of the newest offer, 0 where there is none.
-- Grain: one row. Reads the end of the primary key.
SELECT coalesce(max(id), 0) AS last FROM availability

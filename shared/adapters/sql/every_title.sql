-- Ids of all titles, the dead ones too, in their order.
-- Grain: one row per title. One page costs one walk along the primary key from where the last ended.
-- Parameters: :after uuid, the last id of the page before; :most rows.
SELECT c.id
FROM content c
WHERE c.id > CAST(:after AS uuid)
ORDER BY c.id
LIMIT CAST(:most AS integer)

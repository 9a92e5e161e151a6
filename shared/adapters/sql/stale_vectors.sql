-- Living titles whose vector another model made, or that have none, by id.
-- Grain: one row per title. One page costs one walk along both primary keys from where the last ended.
-- Parameters: :model; :after uuid, the last id of the page before; :most rows.
SELECT c.id
FROM content c
LEFT JOIN content_embedding v ON v.content_id = c.id
WHERE c.id > CAST(:after AS uuid)
  AND c.deleted_at IS NULL AND c.merged_into IS NULL
  AND v.model IS DISTINCT FROM :model
ORDER BY c.id
LIMIT CAST(:most AS integer)

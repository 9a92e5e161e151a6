-- Those of some titles that live, with all that ranking needs.
-- Grain: one JSON array of rows. Cost: one of title.sql per id.
-- Parameters: :ids uuid[], each once; :edges integer; :model text.
SELECT CAST(coalesce(json_agg(found), '[]') AS text) AS found
FROM (
  SELECT
    /* title */
  FROM content c
  LEFT JOIN content_embedding v ON v.content_id = c.id AND v.model = CAST(:model AS text)
  WHERE c.id = ANY (CAST(:ids AS uuid[])) AND c.deleted_at IS NULL AND c.merged_into IS NULL
) AS found

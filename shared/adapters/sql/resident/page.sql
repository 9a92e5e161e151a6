-- One page of the living titles with all that ranking needs.
-- Grain: one JSON array of rows, in the order of ids; empty after the last.
-- Cost: :most times that of title.sql.
-- Parameters: :after uuid; :most, :edges integer; :model text.
SELECT CAST(coalesce(json_agg(page ORDER BY page.id), '[]') AS text) AS found
FROM (
  SELECT
    /* title */
  FROM content c
  LEFT JOIN content_embedding v ON v.content_id = c.id AND v.model = CAST(:model AS text)
  WHERE c.id > CAST(:after AS uuid) AND c.deleted_at IS NULL AND c.merged_into IS NULL
  ORDER BY c.id
  LIMIT CAST(:most AS integer)
) AS page

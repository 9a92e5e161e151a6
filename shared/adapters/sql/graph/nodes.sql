-- One page of what edges are made from. Seasons and episodes are found by their series.
-- Grain: one JSON array of rows, in the order of ids; empty after the last.
-- Cost: :most rows by primary key, four small index reads each.
-- Parameters: :after uuid; :most integer; :model text.
SELECT CAST(coalesce(json_agg(page ORDER BY page.id), '[]') AS text) AS found
FROM (
  SELECT
    c.id,
    c.title,
    ARRAY(
      SELECT r.person_key FROM credit r
      WHERE r.content_id = c.id AND r.role IN ('director', 'creator') ORDER BY r.ord
    ) AS directors,
    ARRAY(
      SELECT r.person_key FROM credit r
      WHERE r.content_id = c.id AND r.role = 'actor' ORDER BY r.ord LIMIT 10
    ) AS actors,
    ARRAY(SELECT t.value FROM content_theme t WHERE t.content_id = c.id ORDER BY t.ord) AS themes,
    encode(v.vector, 'base64') AS vector,
    coalesce(c.overview, '') <> ''
    OR EXISTS (SELECT FROM content_theme t WHERE t.content_id = c.id) AS described
  FROM content c
  LEFT JOIN content_embedding v ON v.content_id = c.id AND v.model = CAST(:model AS text)
  WHERE c.id > CAST(:after AS uuid)
    AND c.deleted_at IS NULL AND c.merged_into IS NULL
    AND c.content_type NOT IN ('season', 'episode')
  ORDER BY c.id
  LIMIT CAST(:most AS integer)
) AS page

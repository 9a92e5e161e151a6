-- The strongest edges of some titles.
-- Grain: one JSON object, edges [dst, weight] by src, strongest first. Cost: one index range per title, which
-- :branches entries are read of.
-- Parameters: :ids uuid[], each once; :branches integer.
SELECT CAST(coalesce(json_object_agg(src, edges), '{}') AS text) AS found
FROM (
  SELECT s.id AS src, (
    SELECT json_agg(json_build_array(e.dst, e.weight))
    FROM (
      SELECT n.dst, n.weight
      FROM content_edge n
      WHERE n.src = s.id
      ORDER BY n.weight DESC, n.dst
      LIMIT CAST(:branches AS integer)
    ) AS e
  ) AS edges
  FROM unnest(CAST(:ids AS uuid[])) AS s (id)
) AS by_src
WHERE edges IS NOT NULL

-- The strongest edges of seeds and, the nearest first, of the titles they lead to.
-- Grain: one JSON object, edges [dst, weight] by src. Cost: one index range per title, :branches long.
-- Parameters: :seeds uuid[]; :weights real[], one per seed; :branches, :nodes integer.
WITH first AS MATERIALIZED (
  SELECT s.id AS src, e.dst, e.weight, s.weight * e.weight AS strength
  FROM unnest(CAST(:seeds AS uuid[]), CAST(:weights AS real[])) AS s (id, weight)
  CROSS JOIN LATERAL (
    SELECT n.dst, n.weight
    FROM content_edge n
    WHERE n.src = s.id
    ORDER BY n.weight DESC, n.dst
    LIMIT CAST(:branches AS integer)
  ) AS e
  ORDER BY strength DESC, e.dst
  LIMIT CAST(:nodes AS integer)
),
near AS MATERIALIZED (
  SELECT dst AS id
  FROM first
  WHERE dst <> ALL (CAST(:seeds AS uuid[]))
  GROUP BY dst
  ORDER BY max(strength) DESC, dst
  LIMIT (SELECT (CAST(:nodes AS integer) - count(DISTINCT dst)) / CAST(:branches AS integer) FROM first)
),
second AS (
  SELECT near.id AS src, e.dst, e.weight
  FROM near
  CROSS JOIN LATERAL (
    SELECT n.dst, n.weight
    FROM content_edge n
    WHERE n.src = near.id
    ORDER BY n.weight DESC, n.dst
    LIMIT CAST(:branches AS integer)
  ) AS e
)
SELECT CAST(coalesce(json_object_agg(src, edges), '{}') AS text) AS found
FROM (
  SELECT src, json_agg(json_build_array(dst, weight)) AS edges
  FROM (SELECT src, dst, weight FROM first UNION ALL SELECT src, dst, weight FROM second) AS all_of_them
  GROUP BY src
) AS by_src

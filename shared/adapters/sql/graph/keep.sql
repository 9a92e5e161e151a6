-- Makes the edges of some titles what they are now; what did not change is not written.
-- Grain: one row per (src, dst, edge_type). Cost: the titles' edges by primary key.
-- Parameters: :titles uuid[]; :src, :dst uuid[]; :types, :sources text[]; :weights real[], one element each
--   per edge; :now timestamptz.
WITH given AS MATERIALIZED (
  SELECT *
  FROM unnest(
    CAST(:src AS uuid[]), CAST(:dst AS uuid[]), CAST(:types AS text[]), CAST(:weights AS real[]),
    CAST(:sources AS text[])
  ) AS g (src, dst, edge_type, weight, source)
),
gone AS (
  DELETE FROM content_edge e
  WHERE e.src = ANY (CAST(:titles AS uuid[]))
    AND NOT EXISTS (
      SELECT FROM given g WHERE g.src = e.src AND g.dst = e.dst AND g.edge_type = e.edge_type
    )
)
INSERT INTO content_edge (src, dst, edge_type, weight, source, updated_at)
SELECT src, dst, edge_type, weight, source, CAST(:now AS timestamptz) FROM given
ON CONFLICT (src, dst, edge_type) DO UPDATE
SET weight = excluded.weight, source = excluded.source, updated_at = excluded.updated_at
WHERE content_edge.weight <> excluded.weight

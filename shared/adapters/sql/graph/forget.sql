-- Takes titles that no longer live out of the graph; edges towards them went when others' were kept.
-- Grain: one row per edge of theirs. Cost: an index look-up per title that ever left.
WITH dead AS MATERIALIZED (
  SELECT id FROM content WHERE deleted_at IS NOT NULL OR merged_into IS NOT NULL
),
members AS (
  DELETE FROM content_franchise f USING dead WHERE f.content_id = dead.id
)
DELETE FROM content_edge e USING dead WHERE e.src = dead.id

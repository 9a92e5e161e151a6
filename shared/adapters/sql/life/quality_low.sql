-- Living titles of low quality, the poorest first. Reads the index content_by_quality.
-- Grain: one row per title. Parameters: :threshold double precision; :limit integer.
WITH chosen AS MATERIALIZED (
  SELECT * FROM content
  WHERE quality_score < CAST(:threshold AS double precision) AND deleted_at IS NULL AND merged_into IS NULL
  ORDER BY quality_score, id
  LIMIT CAST(:limit AS integer)
)
/* quality_facts */
ORDER BY chosen.quality_score, chosen.id

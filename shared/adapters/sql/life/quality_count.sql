-- How many living titles lie below a threshold, and the report of the last recalculation.
-- Grain: one row. Parameters: :threshold double precision.
SELECT
  (
    SELECT count(*) FROM content
    WHERE quality_score < CAST(:threshold AS double precision) AND deleted_at IS NULL AND merged_into IS NULL
  ) AS low,
  (SELECT CAST(report AS text) FROM quality_report ORDER BY made_at DESC LIMIT 1) AS report

-- Makes the franchises of some titles what they are now.
-- Grain: one row per title that has one. Parameters: :titles uuid[]; :members, :franchises uuid[], :called text[],
--   one element each per title that has one; :now timestamptz.
WITH given AS MATERIALIZED (
  SELECT content_id, franchise, nullif(called, '') AS called
  FROM unnest(CAST(:members AS uuid[]), CAST(:franchises AS uuid[]), CAST(:called AS text[]))
    AS g (content_id, franchise, called)
),
gone AS (
  DELETE FROM content_franchise f
  WHERE f.content_id = ANY (CAST(:titles AS uuid[]))
    AND NOT EXISTS (SELECT FROM given g WHERE g.content_id = f.content_id)
)
INSERT INTO content_franchise (content_id, franchise, called, updated_at)
SELECT content_id, franchise, called, CAST(:now AS timestamptz) FROM given
ON CONFLICT (content_id) DO UPDATE
SET franchise = excluded.franchise, called = excluded.called, updated_at = excluded.updated_at
WHERE (content_franchise.franchise, content_franchise.called) IS DISTINCT FROM (excluded.franchise, excluded.called)

-- Keep a click once; one on no title of the catalog, or beyond what one search may have, is passed over.
-- Grain: one row where it is new.
-- Parameters: :search_id, :content_id uuid; :position, :most integer; :now, :searched_at timestamptz.
INSERT INTO search_click (search_id, content_id, position, clicked_at, searched_at)
SELECT
  CAST(:search_id AS uuid), CAST(:content_id AS uuid), CAST(:position AS integer),
  CAST(:now AS timestamptz), CAST(:searched_at AS timestamptz)
WHERE EXISTS (SELECT FROM content WHERE id = CAST(:content_id AS uuid))
  AND (SELECT count(*) FROM search_click WHERE search_id = CAST(:search_id AS uuid)) < :most
ON CONFLICT DO NOTHING

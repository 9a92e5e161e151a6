-- Ids of a title that only certain sources gave.
-- Grain: one row per id. Parameters: :id uuid; :sources json array of text.
SELECT id_type AS kind, id_value AS value
FROM external_id
WHERE content_id = CAST(:id AS uuid)
  AND source = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(:sources AS jsonb))))

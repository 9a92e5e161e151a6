-- Hold titles that may be written, so that two pages do not merge into one record at once.
-- Parameters: :ids json array of content ids.
SELECT count(*)
FROM (
  SELECT id
  FROM content
  WHERE id = ANY (
    ARRAY(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))
  )
  ORDER BY id
  FOR NO KEY UPDATE
) AS held

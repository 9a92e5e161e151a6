-- Hold those titles that nobody else holds. Who holds others already must not wait for more: two
-- pages that wait for each other would stand still until the server ends one.
-- Grain: one row, how many are held.
-- Parameters: :ids json array of content ids.
SELECT count(*)
FROM (
  SELECT id
  FROM content
  WHERE id = ANY (
    ARRAY(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))
  )
  FOR NO KEY UPDATE SKIP LOCKED
) AS held

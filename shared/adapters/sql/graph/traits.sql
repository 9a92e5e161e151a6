-- What makes titles alike to a viewer: vector, first genre, franchise; as one JSON array, since the driver
-- pays per field. Vectors are of the model that most of them have: those of two are never compared.
-- Grain: one element per title that exists. Cost: three index look-ups per id.
-- Parameters: :ids uuid[].
WITH vectors AS MATERIALIZED (
  SELECT content_id, model, vector FROM content_embedding WHERE content_id = ANY (CAST(:ids AS uuid[]))
)
SELECT CAST(coalesce(json_agg(json_build_array(
  c.id,
  (SELECT g.value FROM content_genre g WHERE g.content_id = c.id ORDER BY g.ord LIMIT 1),
  f.franchise,
  encode(v.vector, 'hex')
)), '[]') AS text) AS found
FROM content c
LEFT JOIN content_franchise f ON f.content_id = c.id
LEFT JOIN vectors v
  ON v.content_id = c.id AND v.model = (SELECT mode() WITHIN GROUP (ORDER BY model) FROM vectors)
WHERE c.id = ANY (CAST(:ids AS uuid[]))

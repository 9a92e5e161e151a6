-- What a page's external ids belong to.
-- Grain: one JSON array of [id_type, id_value, content_id, confidence].
-- Parameters: :rows json array of {kind, value}.
SELECT CAST(coalesce(json_agg(json_build_array(
  found.id_type, found.id_value, found.content_id, found.confidence
)), '[]') AS text)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (kind text, value text)
CROSS JOIN LATERAL (
  SELECT * FROM external_id WHERE id_type = given.kind AND id_value = given.value OFFSET 0
) AS found

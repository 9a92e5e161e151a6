-- Keeps new vectors and marks their titles as embedded; updated_at stays, since the title did not change.
-- Grain: one row per title. Parameters: :rows JSON array of {content_id, text_hash, vector}; :model; :now.
WITH given AS (
  SELECT r.content_id, decode(r.text_hash, 'hex') AS text_hash, decode(r.vector, 'base64') AS vector
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (content_id uuid, text_hash text, vector text)
  ORDER BY r.content_id
),
kept AS (
  INSERT INTO content_embedding (content_id, model, text_hash, vector, updated_at)
  SELECT content_id, :model, text_hash, vector, CAST(:now AS timestamptz) FROM given
  ON CONFLICT (content_id) DO UPDATE
  SET model = excluded.model, text_hash = excluded.text_hash,
      vector = excluded.vector, updated_at = excluded.updated_at
)
UPDATE content c
SET embedding_version = :model, embedded_at = CAST(:now AS timestamptz), text_hash = given.text_hash
FROM given
WHERE c.id = given.content_id

-- Record external ids and listings. An id that is known stays where it is unless it is claimed
-- with more confidence; a listing that is known stays where it is.
-- Grain: one row per id and per listing. Returns how many of each were written.
-- Parameters: :ids :listings json arrays; :now timestamptz as text.
WITH ids AS (
  INSERT INTO external_id (id_type, id_value, content_id, confidence, source, created_at)
  SELECT kind, value, content_id, confidence, source, CAST(:now AS timestamptz)
  FROM jsonb_to_recordset(CAST(:ids AS jsonb)) AS given (
    kind text, value text, content_id uuid, confidence real, source text
  )
  ON CONFLICT (id_type, id_value) DO UPDATE SET
    content_id = excluded.content_id,
    confidence = excluded.confidence,
    source = excluded.source
  WHERE external_id.confidence < excluded.confidence
  RETURNING 1
),
listings AS (
  INSERT INTO platform_listing (
    platform, platform_content_id, content_id, url, method, confidence, first_seen, last_seen
  )
  SELECT
    platform, listing, content_id, url, method, confidence,
    CAST(:now AS timestamptz), CAST(:now AS timestamptz)
  FROM jsonb_to_recordset(CAST(:listings AS jsonb)) AS given (
    platform text, listing text, content_id uuid, url text, method text, confidence real
  )
  ON CONFLICT (platform, platform_content_id) DO NOTHING
  RETURNING 1
)
SELECT (SELECT count(*) FROM ids), (SELECT count(*) FROM listings)

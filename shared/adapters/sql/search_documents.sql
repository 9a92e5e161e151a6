-- Titles as retrieval sees them, with the state of their vectors, as one JSON array.
-- Grain: one element per id that exists, dead ones too (`alive` tells).
-- Parameters: :ids JSON array of uuid; :now timestamptz.
WITH asked AS (
  SELECT CAST(value AS uuid) AS id
  FROM jsonb_array_elements_text(CAST(:ids AS jsonb))
)
SELECT CAST(coalesce(json_agg(found), '[]') AS text) AS found
FROM (
  SELECT
    c.id,
    c.deleted_at IS NULL AND c.merged_into IS NULL AS alive,
    c.title,
    c.content_type,
    c.release_year,
    c.runtime_minutes,
    c.overview,
    c.average_rating,
    c.vote_count,
    c.quality_score,
    c.maturity_rank,
    c.checked_at,
    (SELECT json_agg(g.value ORDER BY g.ord) FROM content_genre g WHERE g.content_id = c.id) AS genres,
    (SELECT json_agg(t.value ORDER BY t.ord) FROM content_theme t WHERE t.content_id = c.id) AS themes,
    (SELECT json_agg(p.person_name ORDER BY p.role <> 'director', p.ord)
     FROM credit p WHERE p.content_id = c.id) AS people,
    (SELECT json_agg(DISTINCT a.platform || ':' || a.region) FROM availability a
     WHERE a.content_id = c.id AND a.ended_at IS NULL AND a.hidden_at IS NULL
       AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))) AS offers,
    (SELECT json_agg(json_build_object('kind', i.kind, 'width', i.width))
     FROM image i WHERE i.content_id = c.id) AS images,
    (SELECT count(*) FROM external_id e WHERE e.content_id = c.id) AS external_ids,
    v.model AS vector_model,
    encode(v.text_hash, 'hex') AS vector_text_hash,
    encode(v.vector, 'base64') AS vector
  FROM asked
  JOIN content c ON c.id = asked.id
  LEFT JOIN content_embedding v ON v.content_id = c.id
) AS found

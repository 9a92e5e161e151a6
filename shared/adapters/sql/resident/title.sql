-- What ranking needs of living title c, v its vector of the asked model.
-- Cost: one read by primary key and seven small index reads; the words are a third of it.
c.id,
c.title,
c.title_key AS key,
ARRAY(SELECT DISTINCT t.title_key FROM content_title t WHERE t.content_id = c.id) AS keys,
c.content_type,
c.release_year AS year,
c.runtime_minutes AS runtime,
c.maturity_rank AS maturity,
coalesce(c.quality_score, 0) AS quality,
c.popularity_score AS popularity,
/* ../search_prior */ AS prior,
c.average_rating,
ARRAY(SELECT g.value FROM content_genre g WHERE g.content_id = c.id ORDER BY g.ord) AS genres,
ARRAY(SELECT lower(t.value) FROM content_theme t WHERE t.content_id = c.id ORDER BY t.ord) AS themes,
ARRAY(SELECT p.person_key FROM credit p WHERE p.content_id = c.id ORDER BY p.ord) AS people,
(
  SELECT json_agg(json_build_array(
    a.platform,
    a.region,
    a.offer_type,
    a.audio,
    extract(epoch FROM coalesce(a.available_from, a.first_seen)),
    extract(epoch FROM a.available_from),
    extract(epoch FROM a.expires_at)
  ))
  FROM availability a
  WHERE a.content_id = c.id AND a.ended_at IS NULL AND a.hidden_at IS NULL
) AS offers,
-- A word without places ranks as one of weight D (PostgreSQL's tsrank.c, POSNULL).
(
  SELECT json_object_agg(w.lexeme, coalesce(array_to_string(w.weights, ''), 'D'))
  FROM unnest(c.search_tsv || coalesce((SELECT f.words FROM content_franchise f WHERE f.content_id = c.id), '')) AS w
) AS words,
encode(v.vector, 'base64') AS vector,
(SELECT f.franchise FROM content_franchise f WHERE f.content_id = c.id) AS franchise,
(SELECT f.called FROM content_franchise f WHERE f.content_id = c.id) AS called,
(
  SELECT json_agg(json_build_array(n.dst, n.weight))
  FROM (
    SELECT e.dst, e.weight
    FROM content_edge e
    WHERE e.src = c.id
    ORDER BY e.weight DESC, e.dst
    LIMIT CAST(:edges AS integer)
  ) AS n
) AS edges

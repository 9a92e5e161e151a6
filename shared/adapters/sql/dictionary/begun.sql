-- Titles with a word that begins so, for as long as there is no snapshot. Full-text search has no early
-- stop, so at most :cap matches are ranked.
-- Grain: one row per title, the best known first.
-- Parameters: :words tsquery text; :cap, :limit integer; those of allowed.sql.
WITH matched AS MATERIALIZED (
  SELECT m.ctid AS place
  FROM content m
  WHERE m.search_tsv @@ to_tsquery('simple', :words)
  LIMIT :cap
)
SELECT c.id, c.title, c.popularity_score AS popularity, c.vote_count AS votes
FROM content c
WHERE c.ctid = ANY (ARRAY(SELECT place FROM matched))
  AND c.content_type NOT IN ('season', 'episode')
  AND /* allowed */
ORDER BY c.popularity_score DESC, c.id
LIMIT :limit

-- The best known titles that have all words of a text, for each of some texts; no filter is judged here.
-- Grain: one row per (text, title); place counts texts from 1.
-- Cost: one search of the full-text index a text.
-- Parameters: :asked text[], a tsquery a text; :cap, matches that are looked at; :each, titles a text.
SELECT asked.place, CAST(found.id AS text) AS id
FROM unnest(CAST(:asked AS text[])) WITH ORDINALITY AS asked (words, place)
CROSS JOIN LATERAL (
  SELECT matched.id
  FROM (
    SELECT id, popularity_score FROM content
    WHERE search_tsv @@ to_tsquery('simple', asked.words) AND deleted_at IS NULL
    LIMIT :cap
  ) AS matched
  ORDER BY matched.popularity_score DESC, matched.id
  LIMIT :each
) AS found

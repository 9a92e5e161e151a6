-- Titles by words: exact titles first, then by how many of the words they have, then by rank, times
-- how likely they are meant.
-- Full-text search ranks every match, so each leg takes at most :cap of them: matches in titles first,
-- then matches of all words anywhere, and only where those are few, matches of some words: with one of them
-- in a name, where the question is exactly a title. As one JSON array: the driver pays per field.
-- Grain: one element [id, exact, phrase, complete] per title, best first.
-- Parameters: :key text (folded title); :title_words, :all_words, :some_words, :any_in_titles,
--   :any_word tsquery text; :each_word text[], a tsquery a word; :cap, :few, :limit integer; those of search_filters.sql.
-- Rows are named by their place (ctid), which holds within one statement and spares the index on ids.
WITH exact AS MATERIALIZED (
  SELECT DISTINCT c.id, c.ctid AS place
  FROM content_title t
  JOIN content c ON c.id = t.content_id
  WHERE t.title_key = :key AND c.deleted_at IS NULL AND c.merged_into IS NULL
),
-- The index knows no weights, so a limit here would promise early hits to the planner, which then reads
-- the whole table for a word that is common as a genre and rare in titles. The limit comes after.
in_titles AS MATERIALIZED (
  SELECT c.ctid AS place FROM content c
  WHERE c.search_tsv @@ to_tsquery('simple', :title_words)
),
named AS MATERIALIZED (
  SELECT place FROM in_titles LIMIT :cap
),
-- The few titles that are asked for by the name of a franchise too, with its words beside their own.
called AS MATERIALIZED (
  SELECT c.ctid AS place, f.called, c.search_tsv || f.words AS said
  FROM content_franchise f
  JOIN content c ON c.id = f.content_id
  WHERE f.called IS NOT NULL
    AND EXISTS (SELECT FROM unnest(CAST(:each_word AS text[])) AS word WHERE f.words @@ CAST(word AS tsquery))
),
strict AS MATERIALIZED (
  (SELECT c.ctid AS place FROM content c
  WHERE c.search_tsv @@ to_tsquery('simple', :all_words)
  LIMIT :cap)
  UNION SELECT place FROM called WHERE said @@ to_tsquery('simple', :all_words)
),
enough AS MATERIALIZED (
  SELECT CASE
    WHEN EXISTS (SELECT FROM exact) THEN to_tsquery('simple', :some_words) && to_tsquery('simple', :any_in_titles)
    ELSE to_tsquery('simple', :some_words)
  END AS words
),
loose AS MATERIALIZED (
  (SELECT c.ctid AS place FROM content c
  WHERE (SELECT count(*) FROM strict) < :few
    AND c.search_tsv @@ (SELECT words FROM enough)
  LIMIT :cap)
  UNION SELECT place FROM called
  WHERE (SELECT count(*) FROM strict) < :few AND said @@ (SELECT words FROM enough)
),
matched AS (
  SELECT place FROM exact
  UNION SELECT place FROM named
  UNION SELECT place FROM strict
  UNION SELECT place FROM loose
)
SELECT CAST(coalesce(json_agg(json_build_array(
  id, exact, phrase, words_found = cardinality(CAST(:each_word AS text[]))
)), '[]') AS text) AS found
FROM (
  SELECT
    c.id,
    EXISTS (SELECT FROM exact WHERE exact.id = c.id) AS exact,
    strpos(' ' || c.title_key || ' ', ' ' || :key || ' ') > 0
    OR coalesce(strpos(' ' || k.called || ' ', ' ' || :key || ' ') > 0, false)
    OR EXISTS (
      SELECT FROM content_title t
      WHERE t.content_id = c.id AND strpos(' ' || t.title_key || ' ', ' ' || :key || ' ') > 0
    ) AS phrase,
    (SELECT count(*) FROM unnest(CAST(:each_word AS text[])) AS word
     WHERE coalesce(k.said, c.search_tsv) @@ CAST(word AS tsquery)) AS words_found
  FROM content c
  LEFT JOIN called k ON k.place = c.ctid
  WHERE c.ctid = ANY (ARRAY(SELECT place FROM matched)) AND /* search_filters */
  ORDER BY
    exact DESC,
    words_found DESC,
    -- Without the length of what was said of a title: that favors those of which little is known.
    -- Times one and the prior, at most two: who says more in another place stays before the better known.
    ts_rank('{0.1, 0.2, 0.4, 1.0}', coalesce(k.said, c.search_tsv), to_tsquery('simple', :any_word))
    * (CAST(1 AS real) + /* search_prior */) DESC,
    c.popularity_score DESC,
    c.id
  LIMIT :limit
) AS found

-- One page of what can be suggested of titles: names, standing, and what filters ask. Seasons and
-- episodes are found by their series.
-- Grain: one JSON array of rows, in the order of ids; empty after the last.
-- Cost: :most rows by primary key, three small index reads each.
-- Parameters: :after uuid; :most integer; :now timestamptz.
SELECT CAST(coalesce(json_agg(page ORDER BY page.id), '[]') AS text) AS found
FROM (
  SELECT
    c.id,
    c.title,
    c.popularity_score AS popularity,
    c.vote_count AS votes,
    c.maturity_rank AS maturity,
    ARRAY(SELECT t.title FROM content_title t WHERE t.content_id = c.id ORDER BY t.locale) AS names,
    ARRAY(SELECT g.value FROM content_genre g WHERE g.content_id = c.id ORDER BY g.ord) AS genres,
    ARRAY(
      SELECT DISTINCT a.region
      FROM availability a
      WHERE a.content_id = c.id
        AND a.ended_at IS NULL
        AND a.hidden_at IS NULL
        AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
        AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
    ) AS regions
  FROM content c
  WHERE c.id > CAST(:after AS uuid)
    AND c.deleted_at IS NULL AND c.merged_into IS NULL
    AND c.content_type NOT IN ('season', 'episode')
  ORDER BY c.id
  LIMIT :most
) AS page

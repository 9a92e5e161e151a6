-- One page of people with a living title: how many, how known the best of them, where to be watched.
-- Grain: one JSON array of rows, in the order of keys; [] after the last.
-- Cost: :most people by index, their credits, titles and offers.
-- Parameters: :after text; :most integer; :now timestamptz.
WITH page AS MATERIALIZED (
  SELECT DISTINCT r.person_key
  FROM credit r
  WHERE r.person_key > :after
  ORDER BY r.person_key
  LIMIT :most
),
-- A person's parts in one title are one title.
played AS MATERIALIZED (
  SELECT r.person_key, r.content_id, min(r.person_name) AS name
  FROM page
  JOIN credit r USING (person_key)
  GROUP BY r.person_key, r.content_id
)
SELECT
  CAST(coalesce(json_agg(found ORDER BY found.key) FILTER (WHERE found.titles > 0), '[]') AS text) AS found,
  (SELECT max(person_key) FROM page) AS last
FROM (
  SELECT
    p.person_key AS key,
    min(p.name) AS name,
    count(c.id) AS titles,
    max(c.popularity_score) AS popularity,
    max(c.vote_count) AS votes,
    ARRAY(
      SELECT DISTINCT a.region
      FROM played q
      JOIN content d ON d.id = q.content_id AND d.deleted_at IS NULL AND d.merged_into IS NULL
      JOIN availability a ON a.content_id = q.content_id
      WHERE q.person_key = p.person_key
        AND a.ended_at IS NULL
        AND a.hidden_at IS NULL
        AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
        AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
    ) AS regions
  FROM played p
  LEFT JOIN content c ON c.id = p.content_id AND c.deleted_at IS NULL AND c.merged_into IS NULL
  GROUP BY p.person_key
) AS found

-- What leaves soon, soonest first, with how much there is in all.
-- Titles above the ceiling or of a blocked genre are neither shown nor counted.
-- Grain: one row with one JSON object; at most :limit items.
-- Parameters: :now :until timestamptz; :platform :region text or NULL; :limit integer; :ceiling integer or NULL;
-- :unrated integer; :blocked text[].
WITH leaving AS MATERIALIZED (
  SELECT * FROM (
    /* leaving */
  ) AS every
  WHERE (CAST(:platform AS text) IS NULL OR platform = CAST(:platform AS text))
    AND (CAST(:region AS text) IS NULL OR region = CAST(:region AS text))
    AND (
      (CAST(:ceiling AS integer) IS NULL AND cardinality(CAST(:blocked AS text[])) = 0)
      OR EXISTS (
        SELECT FROM content c
        WHERE c.id = every.content_id
          AND (CAST(:ceiling AS integer) IS NULL OR coalesce(c.maturity_rank, CAST(:unrated AS integer)) <= CAST(:ceiling AS integer))
          AND NOT EXISTS (SELECT FROM content_genre g WHERE g.content_id = c.id AND g.value = ANY (CAST(:blocked AS text[])))
      )
    )
)
SELECT CAST(json_build_object(
  'total', (SELECT count(*) FROM leaving),
  'items', (
    SELECT coalesce(json_agg(json_build_object(
      'content_id', content_id,
      'title', title,
      'platform', platform,
      'region', region,
      'availability_type', offer_type,
      'expires_at', expires_at,
      'days_until_expiration',
      CAST(ceil(extract(epoch FROM expires_at - CAST(:now AS timestamptz)) / 86400) AS integer)
    ) ORDER BY expires_at, title, content_id, platform, region, offer_type), '[]')
    FROM (
      SELECT * FROM leaving
      ORDER BY expires_at, title, content_id, platform, region, offer_type
      LIMIT CAST(:limit AS integer)
    ) AS page
  )
) AS text) AS found

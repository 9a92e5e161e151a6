-- What could be chosen instead of what was, as one JSON array: for each facet, how many titles pass every hard filter
-- but its own with each of its values.
-- Grain: one element [facet, value, titles] each, in any order; at most :most a facet. Cost: one pass over the titles, all of
-- them or those that search_facets_of.sql names, their genres and their offers.
-- Parameters: :most integer; those of search_filters.sql.
WITH judged AS MATERIALIZED (
  SELECT
    c.id,
    /* search_decade */ AS decade,
    /* search_band */ AS band,
    /* search_filter_genres */ AS by_genres,
    /* search_filter_platforms */ AS by_platforms,
    (/* search_filter_years */) AS by_years,
    (/* search_filter_ratings */) AS by_ratings
  FROM content c
  WHERE /* search_facets_of */ /* search_filter_rest */
),
counted AS (
  (
    SELECT 'genres' AS facet, g.value, count(*) AS titles
    FROM judged
    JOIN content_genre g ON g.content_id = judged.id
    WHERE by_platforms AND by_years AND by_ratings
    GROUP BY g.value
    ORDER BY titles DESC, g.value
    LIMIT :most
  )
  UNION ALL (
    SELECT 'platforms', played.platform, count(*) AS titles
    FROM (
      SELECT a.platform, a.content_id
      FROM judged
      JOIN availability a ON a.content_id = judged.id
      WHERE by_genres AND by_years AND by_ratings AND /* search_offer */
      GROUP BY a.platform, a.content_id
    ) AS played
    GROUP BY played.platform
    ORDER BY titles DESC, played.platform
    LIMIT :most
  )
  UNION ALL
  SELECT 'years', decade, count(*)
  FROM judged
  WHERE by_genres AND by_platforms AND by_ratings AND decade IS NOT NULL
  GROUP BY decade
  UNION ALL
  SELECT 'ratings', band, count(*)
  FROM judged
  WHERE by_genres AND by_platforms AND by_years
  GROUP BY band
)
SELECT CAST(coalesce(json_agg(json_build_array(facet, value, titles)), '[]') AS text) AS found
FROM counted

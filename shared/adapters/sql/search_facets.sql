-- What could be chosen instead of what was, as one JSON array: for each facet, how many titles pass every hard filter
-- but its own with each of its values.
-- Grain: one element [facet, value, titles] each, in any order; at most :most a facet. Cost: one pass over the titles,
-- all of them or those that search_facets_of.sql names, their genres and their offers.
-- Parameters: :most integer; those of search_filters.sql.
WITH judged AS MATERIALIZED (
  SELECT
    c.id,
    c.release_year,
    c.average_rating,
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
  -- Few years and few ratings occur: they are counted before they are put into words.
  UNION ALL
  SELECT 'years', /* search_decade */ AS decade, sum(c.titles)
  FROM (
    SELECT release_year, count(*) AS titles
    FROM judged
    WHERE by_genres AND by_platforms AND by_ratings AND release_year IS NOT NULL
    GROUP BY release_year
  ) AS c
  GROUP BY decade
  UNION ALL
  SELECT 'ratings', /* search_band */ AS band, sum(c.titles)
  FROM (
    SELECT average_rating, count(*) AS titles
    FROM judged
    WHERE by_genres AND by_platforms AND by_years
    GROUP BY average_rating
  ) AS c
  GROUP BY band
)
SELECT CAST(coalesce(json_agg(json_build_array(facet, value, titles)), '[]') AS text) AS found
FROM counted

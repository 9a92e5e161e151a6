-- Titles whose name equals one of an item's, or shares a block with it and lies near its year, with
-- what tells most of them apart from it at once. Length and overview only where the name is equal:
-- there years may be far apart.
-- Grain: one JSON array of [content_id, [n of items], content_type, [titles], release_year,
-- runtime_minutes, overview]; at most 50 per item by name and 50 by block, those that share most
-- blocks first.
-- Conditions stand outside the lateral probes, or a planner without statistics walks a partial index.
-- Parameters: :keys json array of {n, key, apart: types it cannot be}; :blocks json array of {n, block, year}.
SELECT CAST(coalesce(json_agg(json_build_array(
  one.content_id,
  one.items,
  one.content_type,
  (SELECT json_agg(title ORDER BY locale) FROM content_title WHERE content_id = one.content_id),
  one.release_year,
  one.runtime_minutes,
  one.overview
)), '[]') AS text)
FROM (
  SELECT
    found.content_id,
    found.content_type,
    found.release_year,
    max(found.runtime_minutes) AS runtime_minutes,
    max(found.overview) AS overview,
    json_agg(DISTINCT found.n) AS items
  FROM (
    SELECT
      given.n, named.content_id, named.content_type, named.release_year, named.runtime_minutes,
      named.overview
    FROM jsonb_to_recordset(CAST(:keys AS jsonb)) AS given (n integer, key text, apart text[])
    CROSS JOIN LATERAL (
      SELECT title.content_id, living.*
      FROM (SELECT content_id FROM content_title WHERE title_key = given.key OFFSET 0) AS title
      CROSS JOIN LATERAL (
        SELECT content_type, release_year, runtime_minutes, overview, deleted_at, merged_into
        FROM content
        WHERE id = title.content_id
        OFFSET 0
      ) AS living
      WHERE living.deleted_at IS NULL
        AND living.merged_into IS NULL
        AND living.content_type <> ALL (given.apart)
      LIMIT 50
    ) AS named
    UNION ALL
    SELECT ranked.n, ranked.content_id, ranked.content_type, ranked.release_year, NULL, NULL
    FROM (
      SELECT
        given.n,
        block.content_id,
        near.content_type,
        near.release_year,
        row_number() OVER (
          PARTITION BY given.n ORDER BY count(*) DESC, block.content_id
        ) AS place
      FROM jsonb_to_recordset(CAST(:blocks AS jsonb))
        AS given (n integer, block integer, year integer)
      CROSS JOIN LATERAL (
        SELECT content_id FROM title_block WHERE title_block.block = given.block OFFSET 0
      ) AS block
      CROSS JOIN LATERAL (
        SELECT content_type, release_year, deleted_at, merged_into FROM content
        WHERE id = block.content_id
        OFFSET 0
      ) AS near
      WHERE near.deleted_at IS NULL
        AND near.merged_into IS NULL
        AND (
          near.release_year IS NULL
          OR given.year IS NULL
          OR abs(near.release_year - given.year) <= 1
        )
      GROUP BY given.n, block.content_id, near.content_type, near.release_year
    ) AS ranked
    WHERE ranked.place <= 50
  ) AS found
  GROUP BY found.content_id, found.content_type, found.release_year
) AS one

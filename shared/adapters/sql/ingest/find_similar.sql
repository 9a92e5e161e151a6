-- Titles whose name equals one of an item's, or shares a block with it and lies near its year.
-- Grain: one JSON array of content ids; at most 50 per item by name and 50 by block, those that
-- share most blocks first.
-- Conditions stand outside the lateral probes, or a planner without statistics walks a partial index.
-- Parameters: :keys json array of {n, key}; :blocks json array of {n, block, year}.
SELECT CAST(coalesce(json_agg(DISTINCT content_id), '[]') AS text)
FROM (
  SELECT named.content_id
  FROM jsonb_to_recordset(CAST(:keys AS jsonb)) AS given (n integer, key text)
  CROSS JOIN LATERAL (
    SELECT title.content_id
    FROM (SELECT content_id FROM content_title WHERE title_key = given.key OFFSET 0) AS title
    CROSS JOIN LATERAL (
      SELECT deleted_at, merged_into FROM content WHERE id = title.content_id OFFSET 0
    ) AS living
    WHERE living.deleted_at IS NULL AND living.merged_into IS NULL
    LIMIT 50
  ) AS named
  UNION ALL
  SELECT ranked.content_id
  FROM (
    SELECT
      block.content_id,
      row_number() OVER (
        PARTITION BY given.n ORDER BY count(*) DESC, block.content_id
      ) AS place
    FROM jsonb_to_recordset(CAST(:blocks AS jsonb))
      AS given (n integer, block integer, year integer)
    CROSS JOIN LATERAL (
      SELECT content_id FROM title_block WHERE title_block.block = given.block OFFSET 0
    ) AS block
    CROSS JOIN LATERAL (
      SELECT release_year, deleted_at, merged_into FROM content
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
    GROUP BY given.n, block.content_id
  ) AS ranked
  WHERE ranked.place <= 50
) AS found

-- Titles whose name equals one of an item's, or that share a block with it and lie near its year, with
-- what tells most of them apart from it at once.
-- Grain: one JSON array of [content_id, [n of items], outline, release_year, runtime_minutes]; at
-- most 50 per item by name and 50 by block, those that share most blocks first. Titles found by
-- block alone may have been deleted.
-- Conditions stand outside the lateral probes, or a planner without statistics walks a partial index.
-- Parameters: :keys json array of {n, key, apart: types it cannot be}; :blocks json array of
-- {n, block, since, until}: the years, both included, in which it is looked under the block.
SELECT CAST(coalesce(json_agg(json_build_array(
  one.content_id, one.items, said.outline, said.release_year, said.runtime_minutes
)), '[]') AS text)
FROM (
  SELECT found.content_id, json_agg(DISTINCT found.n) AS items
  FROM (
    SELECT given.n, named.content_id
    FROM jsonb_to_recordset(CAST(:keys AS jsonb)) AS given (n integer, key text, apart text[])
    CROSS JOIN LATERAL (
      SELECT title.content_id
      FROM (SELECT content_id FROM content_title WHERE title_key = given.key OFFSET 0) AS title
      CROSS JOIN LATERAL (
        SELECT content_type, deleted_at, merged_into FROM content
        WHERE id = title.content_id
        OFFSET 0
      ) AS living
      WHERE living.deleted_at IS NULL
        AND living.merged_into IS NULL
        AND living.content_type <> ALL (given.apart)
      LIMIT 50
    ) AS named
    UNION ALL
    SELECT ranked.n, ranked.content_id
    FROM (
      SELECT
        given.n,
        block.content_id,
        row_number() OVER (
          PARTITION BY given.n ORDER BY count(*) DESC, block.content_id
        ) AS place
      FROM jsonb_to_recordset(CAST(:blocks AS jsonb))
        AS given (n integer, block integer, since smallint, until smallint)
      CROSS JOIN LATERAL (
        SELECT content_id FROM title_block
        WHERE title_block.block = given.block AND year BETWEEN given.since AND given.until
        OFFSET 0
      ) AS block
      GROUP BY given.n, block.content_id
    ) AS ranked
    WHERE ranked.place <= 50
  ) AS found
  GROUP BY found.content_id
) AS one
CROSS JOIN LATERAL (
  SELECT outline, release_year, runtime_minutes FROM title_outline
  WHERE content_id = one.content_id
  OFFSET 0
) AS said

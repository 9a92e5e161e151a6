-- Titles that share a block with an item in the years in which it is looked under it, with what tells
-- most of them apart from it at once. Whole names are blocks too.
-- Grain: one JSON array of [content_id, n of the item, outline, release_year, runtime_minutes]; at
-- most 100 per item, those that share most blocks first. Titles may have been deleted.
-- Parameters, arrays of one length: :items n of the item; :blocks; :since and :until the years, both
-- included.
SELECT CAST(coalesce(json_agg(json_build_array(
  ranked.content_id, ranked.n, said.outline, said.release_year, said.runtime_minutes
)), '[]') AS text)
FROM (
  SELECT
    given.n,
    block.content_id,
    row_number() OVER (
      PARTITION BY given.n ORDER BY count(*) DESC, block.content_id
    ) AS place
  FROM unnest(
    CAST(:items AS integer[]), CAST(:blocks AS integer[]),
    CAST(:since AS smallint[]), CAST(:until AS smallint[])
  ) AS given (n, block, since, until)
  CROSS JOIN LATERAL (
    SELECT content_id FROM title_block
    WHERE title_block.block = given.block AND year BETWEEN given.since AND given.until
    OFFSET 0
  ) AS block
  GROUP BY given.n, block.content_id
) AS ranked
CROSS JOIN LATERAL (
  SELECT outline, release_year, runtime_minutes FROM title_outline
  WHERE content_id = ranked.content_id
  OFFSET 0
) AS said
WHERE ranked.place <= 100

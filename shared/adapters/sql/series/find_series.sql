-- Find the series of parts: the one that has an id they name, else the only one of its name on their platform that has no
-- other id than they name. Several that fit are none.
-- LATERAL with OFFSET 0 where an index must be asked, whatever the planner believes of the tables.
-- Grain: one row per part, with the title it is of. Cost: an index look-up per id and name.
-- Parameters: :parts json array of {platform, listing, source}.
WITH asked AS MATERIALIZED (
  SELECT part.platform, part.platform_content_id, part.source, part.series_key, part.series_ids
  FROM jsonb_to_recordset(CAST(:parts AS jsonb)) AS given (platform text, listing text, source text)
  JOIN series_part AS part
    ON part.platform = given.platform
    AND part.platform_content_id = given.listing
    AND part.source = given.source
),
by_id AS MATERIALIZED (
  SELECT asked.platform, asked.platform_content_id, asked.source, array_agg(DISTINCT c.id) AS found
  FROM asked
  CROSS JOIN LATERAL unnest(asked.series_ids) AS named (id)
  CROSS JOIN LATERAL (/* named_title */) AS e
  CROSS JOIN LATERAL (
    SELECT id FROM content
    WHERE id = e.content_id AND content_type = 'series' AND deleted_at IS NULL AND merged_into IS NULL
    OFFSET 0
  ) AS c
  GROUP BY asked.platform, asked.platform_content_id, asked.source
),
by_name AS (
  SELECT asked.platform, asked.platform_content_id, asked.source, array_agg(DISTINCT c.id) AS found
  FROM asked
  LEFT JOIN by_id USING (platform, platform_content_id, source)
  CROSS JOIN LATERAL (
    SELECT content_id FROM content_title WHERE title_key = asked.series_key OFFSET 0
  ) AS t
  CROSS JOIN LATERAL (
    SELECT id FROM content
    WHERE id = t.content_id AND content_type = 'series' AND deleted_at IS NULL AND merged_into IS NULL
    OFFSET 0
  ) AS c
  WHERE by_id.found IS NULL
    AND EXISTS (
      SELECT FROM platform_listing AS entry
      WHERE entry.content_id = c.id AND entry.platform = asked.platform
    )
    AND NOT EXISTS (
      SELECT FROM external_id AS other
      JOIN unnest(asked.series_ids) AS named (id) ON split_part(named.id, ':', 1) = other.id_type
      WHERE other.content_id = c.id AND other.id_type || ':' || other.id_value <> named.id
    )
  GROUP BY asked.platform, asked.platform_content_id, asked.source
),
found AS (
  SELECT
    asked.platform,
    asked.platform_content_id,
    asked.source,
    CASE WHEN cardinality(chosen.found) = 1 THEN chosen.found[1] END AS series_id
  FROM asked
  LEFT JOIN by_id USING (platform, platform_content_id, source)
  LEFT JOIN by_name USING (platform, platform_content_id, source)
  CROSS JOIN LATERAL (SELECT coalesce(by_id.found, by_name.found) AS found) AS chosen
),
linked AS (
  UPDATE series_part AS part SET series_id = found.series_id
  FROM found
  WHERE part.platform = found.platform
    AND part.platform_content_id = found.platform_content_id
    AND part.source = found.source
    AND part.series_id IS DISTINCT FROM found.series_id
)
SELECT DISTINCT entry.content_id
FROM asked
JOIN platform_listing AS entry USING (platform, platform_content_id)

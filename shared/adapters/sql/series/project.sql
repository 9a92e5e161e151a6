-- Make series_link say what the parts say, wherever some titles are parts or series. Of several titles at one place the
-- oldest is linked; the job catalog_join makes them one.
-- LATERAL with OFFSET 0 where an index must be asked, whatever the planner believes of the tables.
-- Grain: one row per title whose page says something else now. Cost: a few index look-ups a place.
-- Parameters: :ids json array of content ids.
WITH asked AS MATERIALIZED (
  SELECT CAST(value AS uuid) AS id FROM jsonb_array_elements_text(CAST(:ids AS jsonb))
),
places AS MATERIALIZED (
  SELECT part.series_id, part.season_no, part.episode_no
  FROM asked
  CROSS JOIN LATERAL (
    SELECT platform, platform_content_id FROM platform_listing WHERE content_id = asked.id OFFSET 0
  ) AS entry
  CROSS JOIN LATERAL (
    SELECT series_id, season_no, episode_no FROM series_part
    WHERE platform = entry.platform AND platform_content_id = entry.platform_content_id
    OFFSET 0
  ) AS part
  WHERE part.series_id IS NOT NULL
  UNION
  SELECT part.series_id, part.season_no, part.episode_no
  FROM asked
  JOIN series_part AS part ON part.series_id = asked.id
  UNION
  SELECT link.series_id, link.season_no, link.episode_no
  FROM asked
  JOIN series_link AS link ON link.series_id = asked.id
  UNION
  SELECT link.series_id, link.season_no, link.episode_no
  FROM asked
  JOIN series_link AS link ON link.content_id = asked.id
),
wanted AS MATERIALIZED (
  SELECT
    places.series_id,
    places.season_no,
    places.episode_no,
    (array_agg(c.id ORDER BY c.created_at, c.id))[1] AS content_id
  FROM places
  CROSS JOIN LATERAL (
    SELECT FROM content
    WHERE id = places.series_id AND deleted_at IS NULL AND merged_into IS NULL
    OFFSET 0
  ) AS series
  CROSS JOIN LATERAL (
    SELECT platform, platform_content_id FROM series_part
    WHERE series_id = places.series_id
      AND season_no = places.season_no
      AND episode_no IS NOT DISTINCT FROM places.episode_no
    OFFSET 0
  ) AS part
  CROSS JOIN LATERAL (
    SELECT content_id FROM platform_listing
    WHERE platform = part.platform AND platform_content_id = part.platform_content_id
    OFFSET 0
  ) AS entry
  CROSS JOIN LATERAL (
    SELECT id, created_at FROM content
    WHERE id = entry.content_id AND deleted_at IS NULL AND merged_into IS NULL
    OFFSET 0
  ) AS c
  GROUP BY places.series_id, places.season_no, places.episode_no
),
before AS MATERIALIZED (
  SELECT link.*
  FROM places
  JOIN series_link AS link
    ON link.series_id = places.series_id
    AND link.season_no = places.season_no
    AND link.episode_no IS NOT DISTINCT FROM places.episode_no
),
changed AS MATERIALIZED (
  SELECT series_id, season_no, nullif(at, -1) AS episode_no, before.content_id AS old, wanted.content_id AS new
  FROM (SELECT series_id, season_no, coalesce(episode_no, -1) AS at, content_id FROM before) AS before
  FULL JOIN (SELECT series_id, season_no, coalesce(episode_no, -1) AS at, content_id FROM wanted) AS wanted
    USING (series_id, season_no, at)
  WHERE before.content_id IS DISTINCT FROM wanted.content_id
),
gone AS (
  DELETE FROM series_link AS link USING changed
  WHERE changed.new IS NULL
    AND link.series_id = changed.series_id
    AND link.season_no = changed.season_no
    AND link.episode_no IS NOT DISTINCT FROM changed.episode_no
),
kept AS (
  INSERT INTO series_link (series_id, season_no, episode_no, content_id)
  SELECT series_id, season_no, episode_no, new FROM changed WHERE new IS NOT NULL
  ON CONFLICT (series_id, season_no, episode_no) DO UPDATE SET content_id = excluded.content_id
)
SELECT DISTINCT title.id AS content_id
FROM changed
CROSS JOIN LATERAL (VALUES (series_id), (old), (new)) AS title (id)
WHERE title.id IS NOT NULL
ORDER BY title.id

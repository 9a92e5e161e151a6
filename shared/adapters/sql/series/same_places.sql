-- Places at which several titles stand, and two of them each: the oldest and another one.
-- Grain: one row per place and further title, at most :most. Reads the parts that have a series once.
-- Parameters: :most integer.
WITH standing AS (
  SELECT DISTINCT part.series_id, part.season_no, part.episode_no, c.id, c.created_at
  FROM series_part AS part
  JOIN platform_listing AS entry USING (platform, platform_content_id)
  JOIN content AS c ON c.id = entry.content_id AND c.deleted_at IS NULL AND c.merged_into IS NULL
  WHERE part.series_id IS NOT NULL
),
ordered AS (
  SELECT
    series_id,
    season_no,
    episode_no,
    id,
    first_value(id) OVER place AS oldest
  FROM standing
  WINDOW place AS (PARTITION BY series_id, season_no, episode_no ORDER BY created_at, id)
)
SELECT series_id, season_no, episode_no, oldest, id AS other
FROM ordered
WHERE id <> oldest
ORDER BY series_id, season_no, episode_no, id
LIMIT CAST(:most AS integer)

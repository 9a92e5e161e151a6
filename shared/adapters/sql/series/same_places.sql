-- Places at which several titles stand, and two of them each: the oldest and another one that nobody was asked about, and
-- that no person called separate.
-- Grain: one row per two titles, at most :most. Reads the parts that have a series once.
-- Parameters: :most integer.
WITH standing AS (
  SELECT DISTINCT part.series_id, part.season_no, part.episode_no, c.id, c.created_at
  FROM series_part AS part
  JOIN platform_listing AS entry USING (platform, platform_content_id)
  JOIN content AS c ON c.id = entry.content_id AND c.deleted_at IS NULL AND c.merged_into IS NULL
  WHERE part.series_id IS NOT NULL
),
ordered AS (
  SELECT id, first_value(id) OVER place AS oldest, series_id, season_no, episode_no
  FROM standing
  WINDOW place AS (PARTITION BY series_id, season_no, episode_no ORDER BY created_at, id)
)
SELECT DISTINCT ON (oldest, id) oldest, id AS other, season_no, episode_no
FROM ordered
WHERE id <> oldest
  AND NOT EXISTS (
    SELECT FROM review_item AS asked
    WHERE (asked.reason = 'same-place' OR asked.status = 'separate')
      AND (asked.content_id, asked.candidate_id) IN ((id, oldest), (oldest, id))
  )
ORDER BY oldest, id, season_no, episode_no
LIMIT CAST(:most AS integer)

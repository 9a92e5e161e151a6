-- Whether two titles stand at one place, and whether ids of theirs tell them apart.
-- Grain: one row. Parameters: :oldest :other uuid.
SELECT
  EXISTS (
    SELECT FROM platform_listing AS mine
    JOIN series_part AS here USING (platform, platform_content_id)
    JOIN series_part AS there
      ON there.series_id = here.series_id
      AND there.season_no = here.season_no
      AND there.episode_no IS NOT DISTINCT FROM here.episode_no
    JOIN platform_listing AS theirs
      ON theirs.platform = there.platform AND theirs.platform_content_id = there.platform_content_id
    WHERE mine.content_id = CAST(:oldest AS uuid) AND theirs.content_id = CAST(:other AS uuid)
  ) AS together,
  EXISTS (
    SELECT FROM external_id AS mine
    JOIN external_id AS theirs ON theirs.id_type = mine.id_type
    WHERE mine.content_id = CAST(:oldest AS uuid) AND theirs.content_id = CAST(:other AS uuid)
  ) AS told_apart

-- Remember notices that were not given before. An end that lies within a day of one that was told in the same window
-- is the same end; one that moved further is told again.
-- Grain: one row per (content_id, platform, region, notice_window, expires_at). Returns the place in :rows of the new ones.
-- Parameters: :rows json array of {n, content_id, platform, region, window, hour}; :now timestamptz.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    n integer, content_id uuid, platform text, region text, "window" text, hour timestamptz
  )
),
kept AS (
  INSERT INTO expiration_notice (content_id, platform, region, notice_window, expires_at, sent_at)
  SELECT content_id, platform, region, "window", hour, CAST(:now AS timestamptz)
  FROM given
  WHERE NOT EXISTS (
    SELECT 1 FROM expiration_notice AS told
    WHERE told.content_id = given.content_id
      AND told.platform = given.platform
      AND told.region = given.region
      AND told.notice_window = given."window"
      AND told.expires_at BETWEEN given.hour - interval '24 hours' AND given.hour + interval '24 hours'
  )
  ON CONFLICT DO NOTHING
  RETURNING content_id, platform, region, notice_window
)
SELECT given.n
FROM kept
JOIN given ON given.content_id = kept.content_id
  AND given.platform = kept.platform
  AND given.region = kept.region
  AND given."window" = kept.notice_window
ORDER BY given.n

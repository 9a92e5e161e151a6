-- Keep what sources say of the places of seasons and episodes, of those entries that have become titles.
-- Grain: one row per part that is new or says something else than before. Cost: two index look-ups a part.
-- Parameters: :rows json array.
INSERT INTO series_part AS kept (
  platform, platform_content_id, source, season_no, episode_no, series_key, series_ids, observed_at
)
SELECT
  given.platform, given.listing, given.source, given.season, given.episode, given.series_key,
  given.series_ids, given.observed_at
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
  platform text, listing text, source text, season integer, episode integer, series_key text,
  series_ids text[], observed_at timestamptz
)
JOIN platform_listing AS entry
  ON entry.platform = given.platform AND entry.platform_content_id = given.listing
ON CONFLICT (platform, platform_content_id, source) DO UPDATE SET
  season_no = excluded.season_no,
  episode_no = excluded.episode_no,
  series_key = excluded.series_key,
  series_ids = excluded.series_ids,
  observed_at = excluded.observed_at
WHERE kept.observed_at <= excluded.observed_at
  AND (kept.season_no, kept.episode_no, kept.series_key, kept.series_ids)
    IS DISTINCT FROM (excluded.season_no, excluded.episode_no, excluded.series_key, excluded.series_ids)
RETURNING platform, platform_content_id AS listing, source

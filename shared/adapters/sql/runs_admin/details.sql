-- The parts of a run with their feeds' watermarks, and the latest records that were set aside.
-- Grain: one row with two JSON arrays. Parameters: :run_id text; :most integer.
SELECT
  CAST((
    SELECT coalesce(json_agg(json_build_object(
      'provider', part.provider,
      'platform', part.platform,
      'region', part.region,
      'started_at', part.started_at,
      'fetched_at', part.fetched_at,
      'error', part.error,
      'watermark', feed.watermark,
      'last_full_at', feed.last_full_at
    ) ORDER BY part.provider, part.platform, part.region), '[]')
    FROM ingest_run AS part
    LEFT JOIN sync_cursor AS feed
      ON feed.provider = part.provider
      AND feed.platform = part.platform
      AND feed.region = part.region
      AND feed.kind = part.kind
    WHERE part.run_id = :run_id
  ) AS text) AS parts,
  CAST((
    SELECT coalesce(json_agg(json_build_object(
      'stage', found.stage,
      'raw_uri', found.raw_uri,
      'field', found.field,
      'error', found.error,
      'created_at', found.created_at
    ) ORDER BY found.id DESC), '[]')
    FROM (
      SELECT * FROM ingest_error
      WHERE ingest_error.run_id = :run_id
      ORDER BY id DESC
      LIMIT CAST(:most AS integer)
    ) AS found
  ) AS text) AS errors

-- Give a title's offers to another. Where both have the same one, it is a single offer on the terms of who saw it last alive,
-- with everybody's word; the other row stays behind, ended, so that the titles can be parted again.
-- Grain: one row; twins: JSON array of {id, listing, live}, the rows of :kept as they were.
-- Parameters: :merged :kept uuid; :now timestamptz.
WITH twins AS MATERIALIZED (
  SELECT
    kept.id AS kept_row,
    gone.id AS gone_row,
    kept.platform_content_id AS listing,
    kept.ended_at IS NULL AS live,
    (gone.ended_at IS NULL, gone.last_seen) > (kept.ended_at IS NULL, kept.last_seen) AS is_newer
  FROM availability AS gone
  JOIN availability AS kept
    ON kept.content_id = CAST(:kept AS uuid)
    AND kept.platform = gone.platform
    AND kept.region = gone.region
    AND kept.offer_type = gone.offer_type
    AND kept.tier IS NOT DISTINCT FROM gone.tier
    AND kept.quality IS NOT DISTINCT FROM gone.quality
  WHERE gone.content_id = CAST(:merged AS uuid)
),
moved AS (
  UPDATE availability SET content_id = CAST(:kept AS uuid)
  WHERE content_id = CAST(:merged AS uuid) AND id <> ALL (ARRAY(SELECT gone_row FROM twins))
),
joined AS (
  UPDATE availability AS kept SET
    platform_content_id =
      CASE WHEN is_newer THEN gone.platform_content_id ELSE kept.platform_content_id END,
    price_minor = CASE WHEN is_newer THEN gone.price_minor ELSE kept.price_minor END,
    currency = CASE WHEN is_newer THEN gone.currency ELSE kept.currency END,
    link = CASE WHEN is_newer THEN gone.link ELSE kept.link END,
    video_link = CASE WHEN is_newer THEN gone.video_link ELSE kept.video_link END,
    audio = CASE WHEN is_newer THEN gone.audio ELSE kept.audio END,
    subtitles = CASE WHEN is_newer THEN gone.subtitles ELSE kept.subtitles END,
    available_from = CASE WHEN is_newer THEN gone.available_from ELSE kept.available_from END,
    expires_at = CASE WHEN is_newer THEN gone.expires_at ELSE kept.expires_at END,
    source = CASE WHEN is_newer THEN gone.source ELSE kept.source END,
    ended_at = CASE WHEN is_newer THEN gone.ended_at ELSE kept.ended_at END,
    first_seen = least(kept.first_seen, gone.first_seen),
    last_seen = greatest(kept.last_seen, gone.last_seen),
    sources = CASE WHEN is_newer THEN kept.sources || gone.sources ELSE gone.sources || kept.sources END
  FROM twins
  JOIN availability AS gone ON gone.id = twins.gone_row
  WHERE kept.id = twins.kept_row
),
left_behind AS (
  UPDATE availability SET ended_at = CAST(:now AS timestamptz)
  WHERE id = ANY (ARRAY(SELECT gone_row FROM twins)) AND ended_at IS NULL
)
SELECT CAST(coalesce(json_agg(json_build_object('id', kept_row, 'listing', listing, 'live', live)), '[]') AS text) AS twins
FROM twins

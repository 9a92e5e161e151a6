-- Keep offers as they are now; an offer that had ended lives again.
-- Grain: one row per (content_id, platform, region, offer_type, tier, quality).
-- The other sources' words stay; this one's is as of now, with its first time kept, unless it had
-- taken its word back.
-- Parameters: :rows json array; seen is observed_at in Unix seconds.
INSERT INTO availability AS kept (
  content_id, platform, region, offer_type, tier, quality, platform_content_id, price_minor,
  currency, link, video_link, audio, subtitles, available_from, expires_at, first_seen, last_seen,
  source, sources
)
SELECT
  content_id, platform, region, type, tier, quality, listing, price_minor, currency, link,
  video_link, audio, subtitles, available_from, expires_at, observed_at, observed_at, source,
  jsonb_build_object(source, jsonb_build_array(seen, seen, listing))
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
  content_id uuid, platform text, region text, type text, tier text, quality text, listing text,
  price_minor integer, currency text, link text, video_link text, audio text[], subtitles text[],
  available_from timestamptz, expires_at timestamptz, observed_at timestamptz, source text,
  seen bigint
)
ON CONFLICT (content_id, platform, region, offer_type, tier, quality) DO UPDATE SET
  platform_content_id = excluded.platform_content_id,
  price_minor = excluded.price_minor,
  currency = excluded.currency,
  link = excluded.link,
  video_link = excluded.video_link,
  audio = excluded.audio,
  subtitles = excluded.subtitles,
  available_from = excluded.available_from,
  expires_at = excluded.expires_at,
  last_seen = greatest(kept.last_seen, excluded.last_seen),
  source = excluded.source,
  sources = kept.sources || CASE WHEN jsonb_array_length(kept.sources -> excluded.source) = 3
    THEN jsonb_build_object(
      excluded.source,
      jsonb_set(excluded.sources -> excluded.source, '{0}', kept.sources -> excluded.source -> 0)
    )
    ELSE excluded.sources END,
  lapses = kept.lapses + CAST(kept.ended_at IS NOT NULL AS integer),
  ended_at = NULL

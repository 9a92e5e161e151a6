-- What a source last said of a listing in a region; the title and listing were seen again.
-- Grain: one row per (platform, platform_content_id, region, source).
-- Parameters: :rows json array of {platform, listing, region, source, item_hash, offers_hash,
-- observed_at, runtime, content_id}; :now timestamptz as text.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    platform text, listing text, region text, source text, item_hash text, offers_hash text,
    observed_at timestamptz, runtime smallint, content_id uuid
  )
),
observed AS (
  INSERT INTO listing_region (
    platform, platform_content_id, region, source, item_hash, offers_hash, observed_at, runtime_minutes
  )
  SELECT
    platform, listing, region, source, decode(item_hash, 'hex'), decode(offers_hash, 'hex'), observed_at,
    runtime
  FROM given
  ON CONFLICT (platform, platform_content_id, region, source) DO UPDATE SET
    item_hash = excluded.item_hash,
    offers_hash = excluded.offers_hash,
    observed_at = excluded.observed_at,
    runtime_minutes = excluded.runtime_minutes
)
SELECT count(*) FROM given

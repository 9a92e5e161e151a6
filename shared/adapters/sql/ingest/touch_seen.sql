-- Titles, listings and offers that were seen again, noted at most once an hour.
-- last_seen and checked_at say when something was last confirmed; they are no change.
-- Parameters: :rows json array of {platform, listing, region, content_id, observed_at}.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    platform text, listing text, region text, content_id uuid, observed_at timestamptz
  )
),
titles AS (
  UPDATE content SET checked_at = given.observed_at
  FROM given
  WHERE content.id = given.content_id
    AND content.checked_at < given.observed_at - interval '1 hour'
),
listings AS (
  UPDATE platform_listing SET last_seen = given.observed_at
  FROM given
  WHERE platform_listing.platform = given.platform
    AND platform_listing.platform_content_id = given.listing
    AND platform_listing.last_seen < given.observed_at - interval '1 hour'
),
offers AS (
  UPDATE availability SET last_seen = given.observed_at
  FROM given
  WHERE availability.platform = given.platform
    AND availability.platform_content_id = given.listing
    AND availability.region = given.region
    AND availability.ended_at IS NULL
    AND availability.last_seen < given.observed_at - interval '1 hour'
)
SELECT count(*) FROM given

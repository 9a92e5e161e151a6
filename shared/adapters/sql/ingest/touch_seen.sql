-- Titles, listings and offers that were seen again. last_seen and checked_at say when something was
-- last confirmed; they are no change.
-- Arrays instead of joins: each probes an index, whatever the planner believes of the tables.
-- Parameters: :ids json array of content ids; :listings json array of platform and listing, :offers
-- of platform, listing and region, joined by chr(31); :at timestamptz as text.
WITH ids AS MATERIALIZED (
  SELECT ARRAY(
    SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb))
  ) AS given
),
places AS MATERIALIZED (
  SELECT ARRAY(SELECT value FROM jsonb_array_elements_text(CAST(:offers AS jsonb))) AS given
),
listed AS MATERIALIZED (
  SELECT ARRAY(SELECT value FROM jsonb_array_elements_text(CAST(:listings AS jsonb))) AS given
),
titles AS (
  UPDATE content SET checked_at = CAST(:at AS timestamptz)
  WHERE id = ANY (CAST((SELECT given FROM ids) AS uuid[])) AND checked_at < CAST(:at AS timestamptz)
),
listings AS (
  UPDATE platform_listing SET last_seen = CAST(:at AS timestamptz)
  WHERE content_id = ANY (CAST((SELECT given FROM ids) AS uuid[]))
    AND platform || chr(31) || platform_content_id
      = ANY (CAST((SELECT given FROM listed) AS text[]))
    AND last_seen < CAST(:at AS timestamptz)
),
offers AS (
  UPDATE availability SET last_seen = CAST(:at AS timestamptz)
  WHERE content_id = ANY (CAST((SELECT given FROM ids) AS uuid[]))
    AND platform || chr(31) || platform_content_id || chr(31) || region
      = ANY (CAST((SELECT given FROM places) AS text[]))
    AND ended_at IS NULL
    AND last_seen < CAST(:at AS timestamptz)
)
SELECT 1

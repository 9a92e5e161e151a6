-- Titles, listings and offers that were seen again. last_seen and checked_at say when something was
-- last confirmed; they are no change.
-- Arrays instead of joins: each probes an index, whatever the planner believes of the tables.
-- An offer is confirmed by a source that brought it by that listing and did not take it back.
-- Parameters: :ids json array of content ids; :listings json array of platform and listing, :offers
-- of platform, listing, region and source, joined by chr(31); :at timestamptz as text; :seen the
-- same in Unix seconds.
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
confirmed AS MATERIALIZED (
  SELECT
    offer.id,
    jsonb_object_agg(said.key, jsonb_set(said.value, '{1}', to_jsonb(CAST(:seen AS bigint)))) AS again
  FROM availability AS offer
  CROSS JOIN LATERAL jsonb_each(offer.sources) AS said
  WHERE offer.content_id = ANY (CAST((SELECT given FROM ids) AS uuid[]))
    AND offer.ended_at IS NULL
    AND jsonb_array_length(said.value) = 3
    AND CAST(said.value ->> 1 AS bigint) < CAST(:seen AS bigint)
    AND offer.platform || chr(31) || (said.value ->> 2) || chr(31) || offer.region
      || chr(31) || said.key = ANY (CAST((SELECT given FROM places) AS text[]))
  GROUP BY offer.id
),
offers AS (
  UPDATE availability AS offer SET
    last_seen = greatest(offer.last_seen, CAST(:at AS timestamptz)),
    sources = offer.sources || confirmed.again
  FROM confirmed
  WHERE offer.id = confirmed.id
)
SELECT 1

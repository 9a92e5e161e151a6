-- Undo what a merge made of offers that both titles had: each has its own again, as live as the common one is now.
-- Grain: one row. Parameters: :kept :parted uuid; :twins json array of {id, listing, live}; :merged_at :now timestamptz.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:twins AS jsonb)) AS given (id bigint, listing text, live boolean)
),
revived AS (
  UPDATE availability AS own SET ended_at = common.ended_at
  FROM availability AS common
  WHERE own.content_id = CAST(:parted AS uuid)
    AND own.ended_at = CAST(:merged_at AS timestamptz)
    AND common.content_id = CAST(:kept AS uuid)
    AND common.platform = own.platform
    AND common.region = own.region
    AND common.offer_type = own.offer_type
    AND common.tier IS NOT DISTINCT FROM own.tier
    AND common.quality IS NOT DISTINCT FROM own.quality
),
restored AS (
  UPDATE availability AS common SET
    platform_content_id = given.listing,
    ended_at = CASE WHEN given.live THEN common.ended_at
      ELSE coalesce(common.ended_at, CAST(:now AS timestamptz)) END
  FROM given
  WHERE common.id = given.id AND common.content_id = CAST(:kept AS uuid)
)
SELECT 1

-- Give listings of a title, and ids, to another title, and have all of both titles' listings speak again.
-- Grain: one row. Parameters: :kept :parted uuid; :listings json array of {platform, listing}; :ids json array of
-- {kind, value}; :forget boolean: records are read again too, not only offers.
WITH chosen AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:listings AS jsonb)) AS given (platform text, listing text)
),
asked_again AS (
  UPDATE listing_region AS said SET
    offers_hash = '',
    item_hash = CASE WHEN CAST(:forget AS boolean) THEN '' ELSE item_hash END
  FROM platform_listing AS listing
  WHERE listing.content_id = CAST(:kept AS uuid)
    AND said.platform = listing.platform
    AND said.platform_content_id = listing.platform_content_id
),
listings AS (
  UPDATE platform_listing AS listing SET content_id = CAST(:parted AS uuid)
  FROM chosen
  WHERE listing.platform = chosen.platform
    AND listing.platform_content_id = chosen.listing
    AND listing.content_id = CAST(:kept AS uuid)
),
external_ids AS (
  UPDATE external_id SET content_id = CAST(:parted AS uuid)
  FROM jsonb_to_recordset(CAST(:ids AS jsonb)) AS given (kind text, value text)
  WHERE id_type = given.kind AND id_value = given.value AND content_id = CAST(:kept AS uuid)
)
SELECT 1

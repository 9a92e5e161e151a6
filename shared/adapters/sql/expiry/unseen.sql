-- How many live offers a provider brings to a platform in a region, of seasons and episodes or of all else, and how many of them would end because a full run did
-- not see them and nobody else brings them.
-- Grain: one row. Parameters: :provider :platform :region text; :since timestamptz; :said_since Unix second; :parts boolean.
SELECT
  (
    SELECT count(*) FROM availability AS offer
    JOIN content ON content.id = offer.content_id
    WHERE offer.platform = :platform
      AND offer.region = :region
      AND offer.ended_at IS NULL
      AND (content.content_type IN ('season', 'episode')) = CAST(:parts AS boolean)
      AND jsonb_array_length(sources -> CAST(:provider AS text)) = 3
  ) AS live,
  (
    SELECT count(*) FROM (
      /* unseen_offers */
    ) AS missing
    WHERE heir IS NULL
  ) AS unseen

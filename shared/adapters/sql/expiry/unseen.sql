-- How many live offers a provider brings to a platform in a region, and how many of them would end because a full run did
-- not see them and nobody else brings them.
-- Grain: one row. Parameters: :provider :platform :region text; :since timestamptz; :said_since Unix second.
SELECT
  (
    SELECT count(*) FROM availability
    WHERE platform = :platform
      AND region = :region
      AND ended_at IS NULL
      AND jsonb_array_length(sources -> CAST(:provider AS text)) = 3
  ) AS live,
  (
    SELECT count(*) FROM (
      /* unseen_offers */
    ) AS missing
    WHERE heir IS NULL
  ) AS unseen

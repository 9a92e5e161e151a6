-- Keep what was counted and concluded; what is no longer there is forgotten.
-- Grain: one row per (platform, region).
-- Parameters: :rows json array of {platform, region, ended, offer_days, shape, rate_days}; :now
-- timestamptz as text.
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    platform text, region text, ended bigint, offer_days double precision,
    shape double precision, rate_days double precision
  )
),
gone AS (
  DELETE FROM offer_churn AS old
  WHERE NOT EXISTS (SELECT FROM given WHERE (given.platform, given.region) = (old.platform, old.region))
)
INSERT INTO offer_churn (platform, region, ended, offer_days, shape, rate_days, counted_at)
SELECT platform, region, ended, offer_days, shape, rate_days, CAST(:now AS timestamptz) FROM given
ON CONFLICT (platform, region) DO UPDATE SET
  ended = excluded.ended,
  offer_days = excluded.offer_days,
  shape = excluded.shape,
  rate_days = excluded.rate_days,
  counted_at = excluded.counted_at

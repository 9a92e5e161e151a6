-- How late sources take back what another one took back first.
-- A source that still says so is overdue until it last said so, without having taken anything back.
-- Grain: one JSON array of [source, taken_back, overdue_days]. Reads availability whole.
WITH disputed AS (
  SELECT
    offer.sources,
    (
      SELECT min(CAST(said.value ->> 3 AS bigint)) FROM jsonb_each(offer.sources) AS said
    ) AS first_back
  FROM availability AS offer
  WHERE jsonb_path_exists(offer.sources, '$.*[3]')
    AND (SELECT count(*) FROM jsonb_object_keys(offer.sources)) > 1
)
SELECT CAST(coalesce(json_agg(json_build_array(source, taken_back, overdue_days)), '[]') AS text)
FROM (
  SELECT
    said.key AS source,
    count(said.value ->> 3) AS taken_back,
    sum(greatest(0, CAST(coalesce(said.value ->> 3, said.value ->> 1) AS bigint) - first_back)) / 86400.0
      AS overdue_days
  FROM disputed
  CROSS JOIN LATERAL jsonb_each(disputed.sources) AS said
  GROUP BY said.key
) AS counted

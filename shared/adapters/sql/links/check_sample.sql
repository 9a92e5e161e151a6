-- Offers whose pages are looked at: some of each platform, others with each seed, the same with the same one.
-- Grain: one row per offer. Cost: one pass over the offers of each platform, once a week.
-- Parameters: :platforms json array of text, empty for all; :limit a platform; :seed text; :now timestamptz.
SELECT chosen.platform, chosen.platform_content_id AS listing, chosen.region, chosen.link, title.content_type
FROM (
  SELECT DISTINCT platform FROM availability
  WHERE ended_at IS NULL
    AND (CAST(:platforms AS text) = '[]' OR platform IN (SELECT jsonb_array_elements_text(CAST(:platforms AS jsonb))))
) AS known
CROSS JOIN LATERAL (
  SELECT * FROM availability AS offer
  WHERE offer.platform = known.platform
    AND offer.ended_at IS NULL
    AND (offer.expires_at IS NULL OR offer.expires_at > CAST(:now AS timestamptz))
    AND (offer.available_from IS NULL OR offer.available_from <= CAST(:now AS timestamptz))
  ORDER BY md5(CAST(offer.id AS text) || CAST(:seed AS text))
  LIMIT :limit
) AS chosen
JOIN content AS title ON title.id = chosen.content_id AND title.deleted_at IS NULL
ORDER BY chosen.platform, md5(CAST(chosen.id AS text) || CAST(:seed AS text))

-- What links of a title are made of; a merged title leads to the one it became.
-- Grain: one row, none where there is no such title; offers is a JSON array, best terms first, and
-- quarantined one of [template, device]. Cost: three index look-ups, and the few that are quarantined.
-- Parameters: :id uuid; :region and :platform text or NULL; :device text; :now timestamptz.
WITH RECURSIVE trail AS (
  SELECT id, merged_into, 1 AS step FROM content WHERE id = CAST(:id AS uuid)
  UNION ALL
  SELECT c.id, c.merged_into, trail.step + 1 FROM content c
  JOIN trail ON c.id = trail.merged_into WHERE trail.step < 10
)
SELECT
  CAST(c.id AS text) AS id,
  c.content_type,
  c.maturity_rank,
  ARRAY(SELECT g.value FROM content_genre AS g WHERE g.content_id = c.id) AS genres,
  (
    SELECT CAST(coalesce(json_agg(json_build_object(
      'platform', a.platform,
      'type', a.offer_type,
      'region', a.region,
      'listing', a.platform_content_id,
      'link', a.link,
      'video_link', a.video_link
    ) ORDER BY
      array_position(ARRAY['free', 'ads', 'subscription', 'addon', 'rental', 'purchase'], a.offer_type),
      a.price_minor NULLS FIRST, a.platform, a.region, a.tier, a.quality
    ), '[]') AS text)
    FROM availability a
    WHERE a.content_id = c.id
      AND (CAST(:region AS text) IS NULL OR a.region = CAST(:region AS text))
      AND (CAST(:platform AS text) IS NULL OR a.platform = CAST(:platform AS text))
      AND a.ended_at IS NULL
      AND a.hidden_at IS NULL
      AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
      AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
  ) AS offers,
  (
    SELECT CAST(coalesce(json_agg(json_build_array(h.template, h.device)), '[]') AS text)
    FROM link_health h
    WHERE h.quarantined_at IS NOT NULL AND h.device IN (CAST(:device AS text), 'web')
  ) AS quarantined
FROM trail
JOIN content c ON c.id = trail.id
WHERE trail.merged_into IS NULL AND c.deleted_at IS NULL

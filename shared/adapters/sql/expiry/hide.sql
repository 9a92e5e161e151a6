-- Hide offers that nobody has confirmed for too long, though who brings them would confirm them every week; what a person
-- has written is nobody's to confirm.
-- Grain: one row per offer that is hidden from now on, at most :limit of those between two ids; reads these once: 40 ms of
-- 100,000 that are in memory. No index helps, since one on last_seen had to be written with every confirmation.
-- Parameters: :now :before timestamptz; :renewing json array of sources that confirm; :manual text; :after :until bigint, ids
-- of offers; :limit integer.
WITH silent AS MATERIALIZED (
  SELECT id FROM availability
  WHERE id > CAST(:after AS bigint)
    AND id <= CAST(:until AS bigint)
    AND ended_at IS NULL
    AND hidden_at IS NULL
    AND last_seen < CAST(:before AS timestamptz)
    AND sources -> CAST(:manual AS text) IS NULL
    AND EXISTS (
      SELECT FROM jsonb_each(sources) AS said
      WHERE jsonb_array_length(said.value) = 3
        AND said.key = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(:renewing AS jsonb))))
    )
  LIMIT CAST(:limit AS integer)
  FOR UPDATE SKIP LOCKED
)
UPDATE availability SET hidden_at = CAST(:now AS timestamptz)
WHERE id = ANY (ARRAY(SELECT id FROM silent))
RETURNING
  content_id, platform, region, offer_type, tier, quality, platform_content_id, price_minor,
  currency, expires_at

-- Every hard filter of a search on content c, the one place where they are judged.
-- Platform, region and offer type are matched on one and the same live offer.
-- Parameters: :content_types, :genres, :platforms, :offer_types text[]; :region text; :year_from,
--   :year_to, :min_runtime, :max_runtime integer; :min_rating real; :about_offers boolean; :now.
c.deleted_at IS NULL AND c.merged_into IS NULL
AND (cardinality(CAST(:content_types AS text[])) = 0 OR c.content_type = ANY (CAST(:content_types AS text[])))
AND (CAST(:year_from AS integer) IS NULL OR c.release_year >= CAST(:year_from AS integer))
AND (CAST(:year_to AS integer) IS NULL OR c.release_year <= CAST(:year_to AS integer))
AND (CAST(:min_runtime AS integer) IS NULL OR c.runtime_minutes >= CAST(:min_runtime AS integer))
AND (CAST(:max_runtime AS integer) IS NULL OR c.runtime_minutes <= CAST(:max_runtime AS integer))
AND (CAST(:min_rating AS real) IS NULL OR c.average_rating >= CAST(:min_rating AS real))
AND (
  cardinality(CAST(:genres AS text[])) = 0
  OR EXISTS (
    SELECT FROM content_genre g
    WHERE g.content_id = c.id AND g.value = ANY (CAST(:genres AS text[]))
  )
)
AND (
  NOT CAST(:about_offers AS boolean)
  OR EXISTS (
    SELECT FROM availability a
    WHERE a.content_id = c.id
      AND a.ended_at IS NULL
      AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
      AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
      AND (CAST(:region AS text) IS NULL OR a.region = CAST(:region AS text))
      AND (cardinality(CAST(:platforms AS text[])) = 0 OR a.platform = ANY (CAST(:platforms AS text[])))
      AND (cardinality(CAST(:offer_types AS text[])) = 0 OR a.offer_type = ANY (CAST(:offer_types AS text[])))
  )
)

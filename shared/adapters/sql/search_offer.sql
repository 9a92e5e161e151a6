-- Offer a is all that was asked of offers, on whatever platform.
-- Parameters: :offer_types, :languages text[]; :leaving_by, :added_since timestamptz; those of search_live.sql.
/* search_live */
AND (cardinality(CAST(:offer_types AS text[])) = 0 OR a.offer_type = ANY (CAST(:offer_types AS text[])))
AND (CAST(:leaving_by AS timestamptz) IS NULL OR a.expires_at <= CAST(:leaving_by AS timestamptz))
AND (
  CAST(:added_since AS timestamptz) IS NULL
  OR coalesce(a.available_from, a.first_seen) >= CAST(:added_since AS timestamptz)
)
AND (
  cardinality(CAST(:languages AS text[])) = 0
  -- A tag without a region stands for all of its regions (RFC 4647 §3.3.1).
  OR EXISTS (
    SELECT FROM unnest(a.audio) AS spoken
    WHERE spoken = ANY (CAST(:languages AS text[]))
      OR split_part(spoken, '-', 1) = ANY (CAST(:languages AS text[]))
  )
)

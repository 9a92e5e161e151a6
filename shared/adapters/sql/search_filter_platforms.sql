-- Content c has one offer that is all that was asked of offers, on one of the asked platforms.
-- Parameters: :about_offers boolean; :platforms text[]; those of search_offer.sql.
(
  NOT CAST(:about_offers AS boolean)
  OR EXISTS (
    SELECT FROM availability a
    WHERE a.content_id = c.id
      AND /* search_offer */
      AND (cardinality(CAST(:platforms AS text[])) = 0 OR a.platform = ANY (CAST(:platforms AS text[])))
  )
)

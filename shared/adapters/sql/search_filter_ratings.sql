-- Content c is rated as asked.
-- Parameters: :min_rating, :max_rating real; :ratings text[] of bands.
(CAST(:min_rating AS real) IS NULL OR c.average_rating >= CAST(:min_rating AS real))
AND (CAST(:max_rating AS real) IS NULL OR c.average_rating <= CAST(:max_rating AS real))
AND (cardinality(CAST(:ratings AS text[])) = 0 OR /* search_band */ = ANY (CAST(:ratings AS text[])))

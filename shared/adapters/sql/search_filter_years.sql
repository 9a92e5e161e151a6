-- Content c is of the asked years.
-- Parameters: :year_from, :year_to integer; :years text[] of decades.
(CAST(:year_from AS integer) IS NULL OR c.release_year >= CAST(:year_from AS integer))
AND (CAST(:year_to AS integer) IS NULL OR c.release_year <= CAST(:year_to AS integer))
AND (cardinality(CAST(:years AS text[])) = 0 OR /* search_decade */ = ANY (CAST(:years AS text[])))

-- Offer a can be watched now, in one of the asked regions.
-- Parameters: :now timestamptz; :region text[].
a.ended_at IS NULL
AND a.hidden_at IS NULL
AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
AND (cardinality(CAST(:region AS text[])) = 0 OR a.region = ANY (CAST(:region AS text[])))

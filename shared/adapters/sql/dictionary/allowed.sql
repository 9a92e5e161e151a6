-- Hard filters of a suggested title c: alive, to be watched in the region, within the profile's limits.
-- Parameters: :region text; :maturity, :unrated integer; :blocked text[]; :now timestamptz.
c.deleted_at IS NULL AND c.merged_into IS NULL
AND (
  CAST(:maturity AS integer) IS NULL
  OR coalesce(c.maturity_rank, CAST(:unrated AS integer)) <= CAST(:maturity AS integer)
)
AND NOT EXISTS (
  SELECT FROM content_genre g
  WHERE g.content_id = c.id AND g.value = ANY (CAST(:blocked AS text[]))
)
AND (
  CAST(:region AS text) IS NULL
  OR EXISTS (
    SELECT FROM availability a
    WHERE a.content_id = c.id
      AND a.region = CAST(:region AS text)
      AND a.ended_at IS NULL
      AND a.hidden_at IS NULL
      AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
      AND (a.available_from IS NULL OR a.available_from <= CAST(:now AS timestamptz))
  )
)

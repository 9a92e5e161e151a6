-- Hard filters that no facet stands for, on content c.
-- Parameters: :content_types, :blocked_genres, :keywords (lower case), :creators (keys) text[]; :maturity_rank,
--   :unrated, :min_runtime, :max_runtime integer; :min_quality real.
c.deleted_at IS NULL AND c.merged_into IS NULL
AND (cardinality(CAST(:content_types AS text[])) = 0 OR c.content_type = ANY (CAST(:content_types AS text[])))
AND (
  CAST(:maturity_rank AS integer) IS NULL
  OR coalesce(c.maturity_rank, CAST(:unrated AS integer)) <= CAST(:maturity_rank AS integer)
)
AND (CAST(:min_runtime AS integer) IS NULL OR c.runtime_minutes >= CAST(:min_runtime AS integer))
AND (CAST(:max_runtime AS integer) IS NULL OR c.runtime_minutes <= CAST(:max_runtime AS integer))
AND (CAST(:min_quality AS real) IS NULL OR coalesce(c.quality_score, 0) >= CAST(:min_quality AS real))
AND (
  cardinality(CAST(:blocked_genres AS text[])) = 0
  OR NOT EXISTS (
    SELECT FROM content_genre b
    WHERE b.content_id = c.id AND b.value = ANY (CAST(:blocked_genres AS text[]))
  )
)
AND (
  cardinality(CAST(:keywords AS text[])) = 0
  OR EXISTS (
    SELECT FROM content_theme t
    WHERE t.content_id = c.id AND lower(t.value) = ANY (CAST(:keywords AS text[]))
  )
)
AND (
  cardinality(CAST(:creators AS text[])) = 0
  OR EXISTS (
    SELECT FROM credit p
    WHERE p.content_id = c.id AND p.person_key = ANY (CAST(:creators AS text[]))
  )
)

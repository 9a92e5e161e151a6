-- Content c has one of the asked genres, or as many as are needed; most ask for one, which is told sooner.
-- Parameters: :genres text[]; :genres_needed integer.
(
  cardinality(CAST(:genres AS text[])) = 0
  OR (
    EXISTS (
      SELECT FROM content_genre g
      WHERE g.content_id = c.id AND g.value = ANY (CAST(:genres AS text[]))
    )
    AND (
      CAST(:genres_needed AS integer) = 1
      OR (
        SELECT count(*) FROM content_genre g
        WHERE g.content_id = c.id AND g.value = ANY (CAST(:genres AS text[]))
      ) >= CAST(:genres_needed AS integer)
    )
  )
)

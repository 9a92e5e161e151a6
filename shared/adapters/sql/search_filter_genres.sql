-- Content c has enough of the asked genres: one of them, or all.
-- Parameters: :genres text[]; :genres_needed integer.
(
  cardinality(CAST(:genres AS text[])) = 0
  OR (
    SELECT count(*) FROM content_genre g
    WHERE g.content_id = c.id AND g.value = ANY (CAST(:genres AS text[]))
  ) >= CAST(:genres_needed AS integer)
)

-- Which title a named id ("imdb:tt0903747") leads to, where it is sure enough to lead anywhere; part of other statements.
-- Grain: one row at most. Reads the primary key.
SELECT content_id FROM external_id
WHERE id_type = split_part(named.id, ':', 1)
  AND id_value = substr(named.id, strpos(named.id, ':') + 1)
  AND confidence >= .95
OFFSET 0

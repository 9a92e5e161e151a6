-- Which titles changed, the longest ago first; a page follows the last row of the one before.
-- Grain: one JSON array of [content_id, seconds since 1970]. Cost: one range of the index, nothing else; where nothing
-- changed, one look into it (20 microseconds).
-- Parameters: :since numeric, seconds since 1970; :after uuid; :most integer.
SELECT CAST(coalesce(json_agg(json_build_array(content_id, changed) ORDER BY changed, content_id), '[]') AS text) AS found
FROM (
  SELECT content_id, extract(epoch FROM changed_at) AS changed
  FROM search_change
  WHERE (changed_at, content_id) > (to_timestamp(CAST(:since AS double precision)), CAST(:after AS uuid))
  ORDER BY changed_at, content_id
  LIMIT CAST(:most AS integer)
) AS page

-- What quality asks of one title. Not a statement: the columns for rows of `chosen`, which are of content.
SELECT
  chosen.id,
  chosen.title,
  chosen.content_type,
  chosen.quality_score,
  chosen.checked_at,
  coalesce(length(chosen.overview), 0) AS description_length,
  chosen.release_year IS NOT NULL AS has_year,
  chosen.runtime_minutes IS NOT NULL AS has_runtime,
  chosen.average_rating IS NOT NULL AS has_rating,
  chosen.vote_count,
  coalesce(picture.poster_width, 0) AS poster_width,
  coalesce(picture.has_backdrop, false) AS has_backdrop,
  ARRAY(
    SELECT DISTINCT said.runtime_minutes FROM platform_listing AS listing
    JOIN listing_region AS said USING (platform, platform_content_id)
    WHERE listing.content_id = chosen.id AND said.runtime_minutes IS NOT NULL
  ) AS runtimes,
  chosen.runtime_minutes AS runtime,
  (SELECT count(*) FROM content_genre WHERE content_genre.content_id = chosen.id) AS genres,
  (SELECT count(*) FROM external_id WHERE external_id.content_id = chosen.id) AS external_ids,
  (
    SELECT min(availability.platform) FROM availability
    WHERE availability.content_id = chosen.id AND availability.ended_at IS NULL
  ) AS platform
FROM chosen
LEFT JOIN LATERAL (
  SELECT
    max(width) FILTER (WHERE kind = 'poster') AS poster_width,
    bool_or(kind = 'backdrop') AS has_backdrop
  FROM image
  WHERE image.content_id = chosen.id
) AS picture ON true

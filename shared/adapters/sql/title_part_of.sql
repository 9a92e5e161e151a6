-- Where title c stands in a series that lives, as a JSON object with the parts before and after it; NULL where it does not,
-- or where the series may not be seen. Parameters: :ceiling integer or NULL; :unrated integer; :blocked text[].
(
  SELECT json_build_object(
    'series_id', s.id,
    'title', s.title,
    'season', link.season_no,
    'episode', link.episode_no,
    'previous_id', (
      SELECT other.content_id FROM series_link AS other
      WHERE other.series_id = link.series_id
        AND (other.episode_no IS NULL) = (link.episode_no IS NULL)
        AND (other.season_no, coalesce(other.episode_no, 0)) < (link.season_no, coalesce(link.episode_no, 0))
      ORDER BY other.season_no DESC, other.episode_no DESC
      LIMIT 1
    ),
    'next_id', (
      SELECT other.content_id FROM series_link AS other
      WHERE other.series_id = link.series_id
        AND (other.episode_no IS NULL) = (link.episode_no IS NULL)
        AND (other.season_no, coalesce(other.episode_no, 0)) > (link.season_no, coalesce(link.episode_no, 0))
      ORDER BY other.season_no, other.episode_no
      LIMIT 1
    )
  )
  FROM series_link AS link
  JOIN content AS s ON s.id = link.series_id AND s.deleted_at IS NULL AND s.merged_into IS NULL
  WHERE link.content_id = c.id
    AND (CAST(:ceiling AS integer) IS NULL OR coalesce(s.maturity_rank, CAST(:unrated AS integer)) <= CAST(:ceiling AS integer))
    AND NOT EXISTS (SELECT FROM content_genre g WHERE g.content_id = s.id AND g.value = ANY (CAST(:blocked AS text[])))
  ORDER BY s.created_at, s.id, link.season_no, link.episode_no
  LIMIT 1
)

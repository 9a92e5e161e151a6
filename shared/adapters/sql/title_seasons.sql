-- Seasons of title c, in order, as a JSON array: each with its own title, where it has one, and how many episodes are known
-- that may be seen. Parameters: :ceiling integer or NULL; :unrated integer; :blocked text[].
(
  SELECT json_agg(json_build_object('season', found.season_no, 'id', found.id, 'episodes', found.episodes)
    ORDER BY found.season_no)
  FROM (
    SELECT
      link.season_no,
      (array_agg(part.id) FILTER (WHERE link.episode_no IS NULL))[1] AS id,
      count(*) FILTER (WHERE link.episode_no IS NOT NULL) AS episodes
    FROM series_link AS link
    JOIN content AS part ON part.id = link.content_id AND part.deleted_at IS NULL
    WHERE link.series_id = c.id
      AND (CAST(:ceiling AS integer) IS NULL OR coalesce(part.maturity_rank, CAST(:unrated AS integer)) <= CAST(:ceiling AS integer))
      AND NOT EXISTS (SELECT FROM content_genre g WHERE g.content_id = part.id AND g.value = ANY (CAST(:blocked AS text[])))
    GROUP BY link.season_no
  ) AS found
)

-- Seasons of title c, in order, as a JSON array: each with its own title, where it has one, and how many episodes are known.
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
    GROUP BY link.season_no
  ) AS found
)

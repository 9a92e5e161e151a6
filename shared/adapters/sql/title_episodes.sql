-- Known episodes of one season of title c, in order, as a JSON array.
-- Parameters: :season integer; :region text or NULL; :now timestamptz; :ceiling integer or NULL; :unrated integer; :blocked text[].
(
  SELECT json_agg(json_build_object(
    'id', e.id,
    'episode', link.episode_no,
    'title', e.title,
    'overview', e.overview,
    'release_date', e.release_date,
    'runtime_minutes', e.runtime_minutes,
    'platforms', (
      SELECT json_agg(DISTINCT a.platform) FROM availability a
      WHERE a.content_id = e.id AND a.ended_at IS NULL AND a.hidden_at IS NULL
        AND (a.expires_at IS NULL OR a.expires_at > CAST(:now AS timestamptz))
        AND (CAST(:region AS text) IS NULL OR a.region = CAST(:region AS text))
    )
  ) ORDER BY link.episode_no)
  FROM series_link link
  JOIN content e ON e.id = link.content_id AND e.deleted_at IS NULL
  WHERE link.series_id = c.id
    AND link.season_no = CAST(:season AS integer)
    AND link.episode_no IS NOT NULL
    AND (CAST(:ceiling AS integer) IS NULL OR coalesce(e.maturity_rank, CAST(:unrated AS integer)) <= CAST(:ceiling AS integer))
    AND NOT EXISTS (SELECT FROM content_genre g WHERE g.content_id = e.id AND g.value = ANY (CAST(:blocked AS text[])))
)

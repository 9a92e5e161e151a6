-- How likely title c is meant before anything is known of the question, 0 to 1: one part what trends, two
-- parts who knows it, as shared/search/suggest/entries.py has it (title_popularity). In single precision,
-- so that it is kept in memory as it is here.
CAST((
  c.popularity_score + 2 * least(1, ln(1 + coalesce(c.vote_count, 0)) / ln(CAST(2000001 AS double precision)))
) / 3 AS real)

-- Write titles, new or changed. What other steps own (quality, embedding) stays as it is.
-- Grain: one row per content id.
-- Parameters: :rows json array, one object per title; :now timestamptz as text.
INSERT INTO content (
  id, content_type, title, original_title, title_key, overview, release_year, release_date,
  runtime_minutes, countries, popularity_score, average_rating, vote_count, maturity_rank,
  is_original, series_seasons, series_episodes, series_status, sample, search_tsv, content_hash,
  checked_at, created_at, updated_at
)
SELECT
  id, content_type, title, original_title, title_key, overview, release_year, release_date,
  runtime_minutes, countries, coalesce(popularity_score, .5), average_rating, vote_count,
  maturity_rank, is_original, series_seasons, series_episodes, series_status, sample,
  setweight(to_tsvector('simple', words_a), 'A') || setweight(to_tsvector('simple', words_b), 'B')
  || setweight(to_tsvector('simple', words_c), 'C') || setweight(to_tsvector('simple', words_d), 'D'),
  decode(hash, 'hex'), CAST(:now AS timestamptz), CAST(:now AS timestamptz), CAST(:now AS timestamptz)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
  id uuid, content_type text, title text, original_title text, title_key text, overview text,
  release_year smallint, release_date date, runtime_minutes smallint, countries text[],
  popularity_score real, average_rating real, vote_count integer, maturity_rank smallint,
  is_original boolean, series_seasons smallint, series_episodes integer, series_status text,
  sample boolean, words_a text, words_b text, words_c text, words_d text, hash text
)
ON CONFLICT (id) DO UPDATE SET
  content_type = excluded.content_type,
  title = excluded.title,
  original_title = excluded.original_title,
  title_key = excluded.title_key,
  overview = excluded.overview,
  release_year = excluded.release_year,
  release_date = excluded.release_date,
  runtime_minutes = excluded.runtime_minutes,
  countries = excluded.countries,
  popularity_score = excluded.popularity_score,
  average_rating = excluded.average_rating,
  vote_count = excluded.vote_count,
  maturity_rank = excluded.maturity_rank,
  is_original = excluded.is_original,
  series_seasons = excluded.series_seasons,
  series_episodes = excluded.series_episodes,
  series_status = excluded.series_status,
  sample = excluded.sample,
  search_tsv = excluded.search_tsv,
  content_hash = excluded.content_hash,
  checked_at = excluded.checked_at,
  updated_at = excluded.updated_at
WHERE content.content_hash <> excluded.content_hash

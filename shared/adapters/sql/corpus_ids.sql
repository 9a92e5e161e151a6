-- Which title each film of TMDB became. Grain: one row per film.
SELECT id_value AS film, content_id FROM external_id WHERE id_type = 'tmdb_movie'

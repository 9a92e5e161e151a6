-- Words of overviews (weight D): known to be written so, hence never corrected.
-- Grain: one row per word that at least :least titles have. Cost: one pass over the titles' vectors.
-- Parameters: :least integer.
SELECT word
FROM ts_stat('SELECT search_tsv FROM content WHERE deleted_at IS NULL AND merged_into IS NULL', 'd')
WHERE ndoc >= :least

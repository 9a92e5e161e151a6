-- The most popular titles that pass every hard filter.
-- Grain: one row per title. Cost: walks the popularity index until :limit titles passed.
-- Parameters: :limit integer; those of search_filters.sql.
SELECT c.id
FROM content c
WHERE /* search_filters */
ORDER BY c.popularity_score DESC, c.id
LIMIT :limit

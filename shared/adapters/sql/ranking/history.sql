-- Versions, newest first.
-- Parameters: :name or null for all; :before a version or null; :limit.
SELECT
  version, name, weights, is_active, traffic_percentage, slots, note, created_at, created_by, ended_at, ended_by
FROM ranking_config
WHERE (CAST(:name AS text) IS NULL OR name = :name) AND (CAST(:before AS integer) IS NULL OR version < :before)
ORDER BY version DESC
LIMIT :limit

-- One version, in force or ended.
-- Parameters: :version.
SELECT
  version, name, weights, is_active, traffic_percentage, slots, note, created_at, created_by, ended_at, ended_by
FROM ranking_config
WHERE version = :version

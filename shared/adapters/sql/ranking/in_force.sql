-- What holds now. Grain: one row per name; a handful of them.
SELECT
  version, name, weights, is_active, traffic_percentage, slots, note, created_at, created_by, ended_at, ended_by
FROM ranking_config
WHERE ended_at IS NULL
ORDER BY name <> 'control', name

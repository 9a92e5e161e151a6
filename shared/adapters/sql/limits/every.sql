-- Every change. Grain: one row per tier or class that was changed.
SELECT name, said, changed_at
FROM limit_change
ORDER BY name

-- Every chain of the log. Grain: one row per chain. No parameters.
SELECT name FROM audit.chain ORDER BY name

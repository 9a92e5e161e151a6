-- End what is in force under a name.
-- Parameters: :name; :by who; :now when.
UPDATE ranking_config SET ended_at = :now, ended_by = :by
WHERE name = :name AND ended_at IS NULL

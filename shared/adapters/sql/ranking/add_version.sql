-- Put a version in force; the one before it has ended.
-- Parameters: :name; :weights JSON; :is_active; :traffic_percentage; :slots as PostgreSQL writes an array; :note; :by; :now.
INSERT INTO ranking_config (name, weights, is_active, traffic_percentage, slots, note, created_at, created_by)
VALUES (
  :name, CAST(:weights AS jsonb), :is_active, :traffic_percentage, CAST(:slots AS smallint[]), :note, :now, :by
)

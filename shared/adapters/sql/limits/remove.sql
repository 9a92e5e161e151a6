-- Take a change back. Grain: at most one row. Parameters: :name text.
DELETE FROM limit_change WHERE name = :name

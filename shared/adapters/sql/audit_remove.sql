-- Remove the oldest month, if it ended 90 days ago or earlier and is archived whole.
-- Grain: one row, its partition's name, NULL where nothing was removed. No parameters.
SELECT audit.remove_month() AS month

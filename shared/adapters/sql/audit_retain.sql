-- Forget whole addresses that are older than 30 days, and make the partition of the next month.
-- Grain: one row, how many were forgotten. No parameters.
SELECT audit.retain() AS forgotten

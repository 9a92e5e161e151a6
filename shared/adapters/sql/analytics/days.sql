-- Make the partitions of the days to come and drop those of days that are over 30 days past.
-- Grain: one row, how many were dropped.
SELECT search_event_days() AS dropped

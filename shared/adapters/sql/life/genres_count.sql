-- Add to how often platforms said names of genres that no map knows.
-- Grain: one row per week, platform and name.
-- Parameters: :rows json array of {platform, name, times}, sorted; :week date as text, its Monday.
INSERT INTO genre_miss AS kept (week, platform, name, times)
SELECT CAST(:week AS date), platform, name, times
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (platform text, name text, times integer)
ON CONFLICT (week, platform, name) DO UPDATE SET times = kept.times + excluded.times

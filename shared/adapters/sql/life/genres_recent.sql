-- Names of genres that no map knows, those said most first.
-- Grain: one row per platform and name, over the weeks since a day.
-- Parameters: :since date as text, :limit integer.
SELECT platform, name, sum(times) AS times, min(week) AS first_week, max(week) AS last_week
FROM genre_miss
WHERE week >= CAST(:since AS date)
GROUP BY platform, name
ORDER BY sum(times) DESC, platform, name
LIMIT CAST(:limit AS integer)

-- What an account's owner has set.
-- Grain: one row, or none where nothing was set.
-- Parameters: :user_id uuid.
SELECT enabled, pin_hash, max_rating, viewing_start, viewing_end, timezone, blocked_genres
FROM parental_control
WHERE user_id = CAST(:user_id AS uuid)

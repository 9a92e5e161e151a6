-- Profiles of the household. Grain: one row each. Parameters: :user_id uuid.
SELECT id, name, is_child, language, max_rating, blocked_genres, created_at, updated_at
FROM household_profile
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY created_at

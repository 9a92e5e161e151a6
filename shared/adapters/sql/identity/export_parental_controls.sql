-- Parental controls, without the PIN. Grain: one row, or none. Parameters: :user_id uuid.
SELECT
  enabled, pin_hash IS NOT NULL AS has_pin, max_rating, CAST(viewing_start AS text), CAST(viewing_end AS text), timezone,
  blocked_genres, updated_at
FROM parental_control
WHERE user_id = CAST(:user_id AS uuid)

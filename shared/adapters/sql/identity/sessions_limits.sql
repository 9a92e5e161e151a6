-- What somebody of a household may see: the limits of the account that are in force, and of a profile; and what may
-- not be kept of the account (declined).
-- Grain: one row, or none where the account has no such profile.
-- Parameters: :user_id uuid, :profile_id uuid or null for the account itself.
SELECT
  (
    SELECT array_agg(pp.purpose ORDER BY pp.purpose) FROM privacy_preference AS pp
    WHERE pp.user_id = u.id AND NOT pp.granted
  ) AS declined,
  pc.max_rating AS account_rating,
  pc.blocked_genres AS account_blocked,
  pc.viewing_start,
  pc.viewing_end,
  pc.timezone,
  hp.max_rating AS profile_rating,
  hp.blocked_genres AS profile_blocked
FROM app_user AS u
LEFT JOIN parental_control AS pc ON u.id = pc.user_id AND pc.enabled
LEFT JOIN household_profile AS hp ON u.id = hp.user_id AND hp.id = CAST(:profile_id AS uuid)
WHERE u.id = CAST(:user_id AS uuid) AND (CAST(:profile_id AS uuid) IS NULL OR hp.id IS NOT NULL)

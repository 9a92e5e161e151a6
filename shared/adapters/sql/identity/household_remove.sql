-- Forget a profile; sessions that were its have ended.
-- Grain: one row.
-- Parameters: :profile_id, :user_id uuid.
DELETE FROM household_profile
WHERE id = CAST(:profile_id AS uuid) AND user_id = CAST(:user_id AS uuid)

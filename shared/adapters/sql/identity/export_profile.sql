-- An account, without what opens it. Grain: one row. Parameters: :user_id uuid.
SELECT
  id, email, email_verified, name, region, language, platforms, role, tier, status, suspended_reason, preferences,
  avatar <> '' AS has_picture, created_at, updated_at, last_login_at, age_confirmed_at, deletion_scheduled_at
FROM app_user
WHERE id = CAST(:user_id AS uuid)

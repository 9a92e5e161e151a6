ALTER TABLE token_family DROP COLUMN profile_id, DROP COLUMN audience;
DROP TABLE parental_control, household_profile;
ALTER TABLE app_user DROP COLUMN outdated_at, DROP COLUMN avatar;

ALTER TABLE token_family
  DROP COLUMN profile_id,
  DROP COLUMN audience,
  ADD COLUMN max_rating text NOT NULL DEFAULT '';
DROP TABLE parental_control, household_profile;
ALTER TABLE app_user DROP COLUMN outdated_at, DROP COLUMN avatar;

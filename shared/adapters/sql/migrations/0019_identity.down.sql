DROP TABLE one_time_token, refresh_token, token_family, oauth_client;
DROP INDEX app_user_email;
DELETE FROM app_user WHERE deleted_at IS NOT NULL;
ALTER TABLE app_user ADD CONSTRAINT app_user_email_key UNIQUE (email);
ALTER TABLE app_user
  DROP COLUMN email_verified,
  DROP COLUMN password_hash,
  DROP COLUMN role,
  DROP COLUMN tier,
  DROP COLUMN status,
  DROP COLUMN suspended_reason,
  DROP COLUMN preferences,
  DROP COLUMN token_version,
  DROP COLUMN failed_logins,
  DROP COLUMN locked_until,
  DROP COLUMN last_login_at,
  DROP COLUMN updated_at,
  DROP COLUMN deleted_at,
  DROP COLUMN age_confirmed_at;

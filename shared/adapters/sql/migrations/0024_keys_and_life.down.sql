DROP FUNCTION audit.forget_actor;
DELETE FROM one_time_token WHERE purpose IN ('restore_account', 'download_export');
ALTER TABLE one_time_token DROP CONSTRAINT one_time_token_purpose_check;
ALTER TABLE one_time_token ADD CONSTRAINT one_time_token_purpose_check
  CHECK (purpose IN ('verify_email', 'reset_password'));
ALTER TABLE app_user DROP COLUMN deletion_scheduled_at;
DROP TABLE limit_change, user_export, api_key;

DROP TABLE passkey, mfa_backup_code, mfa_enrollment;

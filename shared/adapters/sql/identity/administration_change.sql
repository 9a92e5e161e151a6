-- Change what an administrator may change of an account.
-- Grain: the account.
-- Parameters: :user_id uuid, :role, :status and :reason text, :now timestamptz.
UPDATE app_user
SET
  role = :role,
  status = :status,
  suspended_reason = :reason,
  updated_at = CAST(:now AS timestamptz)
WHERE id = CAST(:user_id AS uuid)

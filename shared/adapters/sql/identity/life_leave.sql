-- Let an account be deleted after its grace.
-- Grain: the account, where it may still be used.
-- Parameters: :user_id uuid, :ends_at and :now timestamptz.
UPDATE app_user
SET
  status = 'pending_deletion',
  deletion_scheduled_at = CAST(:ends_at AS timestamptz),
  updated_at = CAST(:now AS timestamptz)
WHERE id = CAST(:user_id AS uuid) AND status = 'active' AND deleted_at IS NULL
RETURNING deletion_scheduled_at

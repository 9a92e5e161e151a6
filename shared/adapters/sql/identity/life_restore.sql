-- Give an account back within its grace.
-- Grain: the account, where it was to be deleted and still is there.
-- Parameters: :user_id uuid, :now timestamptz.
UPDATE app_user
SET status = 'active', deletion_scheduled_at = NULL, updated_at = CAST(:now AS timestamptz)
WHERE
  id = CAST(:user_id AS uuid) AND status = 'pending_deletion'
  AND deletion_scheduled_at > CAST(:now AS timestamptz)
RETURNING id
